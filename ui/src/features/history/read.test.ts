import { expect, it } from "vitest";
import { filtersOf, readHistory, readHistorySearch } from "./read.ts";

const line = { at: 1, project: "shop", stage: "prod" };
const words = (more: object) => readHistory({ rev: 1, at: "", items: [{ ...line, ...more }] })[0]?.meaning.word;

it.each([
  [{ kind: "promotion", result: "Succeeded" }, "Succeeded"],
  [{ kind: "promotion" }, "Waits"],
  [{ kind: "verification", result: "Successful" }, "Verified"],
  [{ kind: "approval" }, "Approved"],
  [{ kind: "approval", until: 9 }, "Approval ended"],
  [{ kind: "promotion", result: "Sublimated" }, "Sublimated"],
])("%j is told as %s", (more, expected) => {
  expect(words(more)).toBe(expected);
});

it("takes filters that it knows from an address", () => {
  expect(readHistorySearch({ project: "shop", stage: 7, actor: "", from: ["x"], page: "2" })).toEqual({ project: "shop", stage: "7" });
});

it("asks for days from their first second to their last", () => {
  const { from, to } = filtersOf({ from: "2026-11-29", to: "2026-11-29" });
  expect(Number(to) - Number(from)).toBe(86_400);
  expect(filtersOf({ from: "2026-11-29T10:00:00Z" })).toEqual({ from: "2026-11-29T10:00:00Z" });
});
