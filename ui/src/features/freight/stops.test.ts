import { expect, it } from "vitest";
import { readLens } from "@/shared/lens/lens.ts";
import { journeyOf } from "./stops.ts";

const board = {
  rev: 1,
  at: "",
  project: "shop",
  stages: [{ name: "prod", col: 2 }, { name: "gate", col: 1, flow: true }, { name: "uat-b", col: 1, row: 1 }, { name: "uat-a", col: 1 }, { name: "test" }, { name: "billing" }],
};
const lens = readLens({ rev: 1, at: "", freight: "f", stages: { prod: ["waits", "soaked", 9], gate: ["can"], "uat-a": ["here"], "uat-b": ["was"], test: ["was"], billing: ["no"] } });

it("goes by columns, without what it is not for and what is no place to be", () => {
  expect(journeyOf(board, lens).map((each) => `${each.stage} ${each.state}`)).toEqual(["test was", "uat-a here", "uat-b was", "prod waits"]);
});
