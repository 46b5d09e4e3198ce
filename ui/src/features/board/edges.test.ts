import { expect, it } from "vitest";
import { edgesOf, spotsOf } from "./edges.ts";
import { GAP, ROW_HEIGHT, layOut } from "./layout.ts";
import { readBoard } from "./read.ts";

const HEAD = 36;
const board = readBoard({
  rev: 1,
  at: "2026-11-29T12:00:00Z",
  project: "shop",
  rows: [{ title: "web" }, { title: "api" }],
  cols: [{ title: "dev" }, { title: "test" }, { title: "prod" }],
  stages: [
    { name: "dev" },
    { name: "test", col: 1, up: ["dev"] },
    { name: "prod", col: 2, up: ["test", "dev", "elsewhere"] },
    { name: "api", row: 1, col: 1, up: ["dev"] },
  ],
});
const spots = spotsOf(layOut(board, new Set()), HEAD);

it("a Stage stands where the grid puts it", () => {
  expect(spots.get("dev")?.top).toBe(HEAD + GAP);
  expect(spots.get("api")?.top).toBe(HEAD + GAP + ROW_HEIGHT + GAP + GAP);
  expect(spots.get("api")?.left).toBe(spots.get("test")?.left);
});

it("edges that skip a column or cross rows are there, those to what is not shown are not", () => {
  const names = (stage: string) => edgesOf(board, stage, spots).map((each) => `${each.from}>${each.to}`);
  expect(names("prod")).toEqual(["test>prod", "dev>prod"]);
  expect(names("dev")).toEqual(["dev>test", "dev>prod", "dev>api"]);
  expect(names("gone")).toEqual([]);
});

it("an edge begins at the right of the one and ends at the left of the other", () => {
  const [dev, api] = [spots.get("dev"), spots.get("api")];
  const path = edgesOf(board, "api", spots)[0]?.path ?? "";
  expect(path.startsWith(`M ${(dev?.left ?? 0) + (dev?.width ?? 0)} ${HEAD + GAP + ROW_HEIGHT / 2} C `)).toBe(true);
  expect(path.endsWith(`, ${api?.left} ${(api?.top ?? 0) + ROW_HEIGHT / 2}`)).toBe(true);
});

it("the Stages of a fan that is shut stand where it does", () => {
  const many = readBoard({ rev: 1, at: "2026-11-29T12:00:00Z", project: "shop", cols: [{ title: "prod" }], stages: ["a", "b", "c", "d", "e"].map((name) => ({ name })) });
  const shut = spotsOf(layOut(many, new Set()), 0);
  expect(new Set([...shut.values()].map((each) => each.top)).size).toBe(1);
  const open = spotsOf(layOut(many, new Set(["0/0"])), 0);
  expect(new Set([...open.values()].map((each) => each.top)).size).toBe(5);
});
