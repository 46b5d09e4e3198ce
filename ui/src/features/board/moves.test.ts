import { expect, it } from "vitest";
import { freightFor, missing, nextFreight } from "./moves.ts";
import { readBoard } from "./read.ts";

const board = readBoard({
  rev: 1,
  at: "",
  project: "shop",
  freight: [
    { name: "c", alias: "new-cat", warehouse: "web", time: 3 },
    { name: "b", alias: "old-bee", warehouse: "web", time: 2 },
    { name: "a", warehouse: "web", time: 1 },
  ],
  stages: [
    { name: "dev", from: ["web"], freight: ["b"] },
    { name: "prod", up: ["dev"], freight: ["a"] },
    { name: "eu", up: ["dev"], freight: ["b"] },
    { name: "kept", up: ["dev"], freight: ["a"], next: "c", may: [] },
  ],
  may: ["promote"],
});
const stage = (name: string) => board.stages.find((each) => each.name === name)!;

it("takes what lies upstream and is not there", () => {
  expect(["dev", "prod", "eu", "kept"].map((each) => nextFreight(board, stage(each)))).toEqual(["c", "b", "", "c"]);
});

it("takes what was let through by a Stage without steps, which holds nothing: so many before what is there as it is behind by", () => {
  const passed = readBoard({
    rev: 1,
    at: "",
    project: "shop",
    freight: [
      { name: "c", warehouse: "web", time: 3 },
      { name: "x", warehouse: "other", time: 3 },
      { name: "b", warehouse: "web", time: 2 },
      { name: "a", warehouse: "web", time: 1 },
    ],
    stages: [
      { name: "test", from: ["web"], freight: ["c"] },
      { name: "soak", up: ["test"], flow: true },
      { name: "prod", up: ["soak"], freight: ["a"], behind: 1 },
      { name: "eu", up: ["soak"], freight: ["b"] },
      { name: "odd", up: ["soak"], freight: ["c"], behind: 4 },
    ],
  });
  expect(["prod", "eu", "odd"].map((each) => nextFreight(passed, passed.stages.find(({ name }) => name === each)!))).toEqual(["b", "", ""]);
});

it("asks which Freight where several Stages would take different ones", () => {
  expect(freightFor(board, "promote", ["prod"], "")).toBe("old-bee");
  expect(freightFor(board, "promote", ["dev", "prod"], "")).toBe("");
  expect(freightFor(board, "promote", ["dev", "prod"], "new-cat")).toBe("new-cat");
  expect(freightFor(board, "downstream", ["dev"], "")).toBe("old-bee");
  expect(freightFor(board, "rollback", ["prod"], "new-cat")).toBe("");
});

it("says which right is missing", () => {
  expect(missing(stage("prod"), "rollback")).toBe("");
  expect(missing(stage("kept"), "rollback")).toContain("no right to promote");
});
