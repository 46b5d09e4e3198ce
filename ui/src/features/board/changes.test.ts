import { expect, it } from "vitest";
import type { WireStage } from "@/shared/api/documents.ts";
import { changesOf } from "./changes.ts";
import { readBoard } from "./read.ts";

const board = (...stages: WireStage[]) =>
  readBoard({
    rev: 1,
    at: "2026-11-29T12:00:00Z",
    project: "shop",
    freight: [
      { name: "f1", artifacts: [["image", "web", "1.4.2"]] },
      { name: "f2", artifacts: [["image", "web", "1.5.0"]] },
    ],
    stages,
  });

it("a state and a version that changed are told, nothing else", () => {
  const same: WireStage = { name: "dev", freight: ["f2"] };
  const before = board(same, { name: "test", freight: ["f1"] }, { name: "prod", freight: ["f1"], behind: 1 });
  const after = board(same, { name: "test", freight: ["f2"] }, { name: "prod", freight: ["f1"], behind: 2 });
  expect(changesOf(before, after)).toEqual(["test: steady, 1.5.0 is there"]);
  const failed = board(same, { name: "test", freight: ["f2"], phase: "Failed", role: "fail" });
  expect(changesOf(after, failed)).toEqual(["test: failed"]);
});

it("a Stage that is new is no change, and neither is the same board", () => {
  const one = board({ name: "dev" });
  expect(changesOf(one, one)).toEqual([]);
  expect(changesOf(one, board({ name: "dev" }, { name: "test" }))).toEqual([]);
});
