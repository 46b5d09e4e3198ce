import { expect, it } from "vitest";
import type { WireBoard } from "@/shared/api/documents.ts";
import { choicesOf } from "./read.ts";

const board: WireBoard = {
  rev: 1,
  at: "2026-11-29T15:00:00Z",
  project: "shop",
  freight: [
    { name: "w2", warehouse: "web" },
    { name: "c1", warehouse: "chart" },
    { name: "w1", warehouse: "web" },
    { name: "w0", warehouse: "web", gone: true },
  ],
  stages: [
    { name: "test", from: ["web"], freight: ["w2"] },
    { name: "prod", up: ["test", "prod"], freight: ["w1"] },
    { name: "charts", from: ["chart"] },
    { name: "hidden", up: ["elsewhere"], freight: ["w1"] },
  ],
};
const names = (...stages: string[]) => choicesOf(board, stages).map((each) => each.name);

it("offers Freight of the Warehouses that a Stage requests, straight or by way of others, and is not there already", () => {
  expect(names("test")).toEqual(["w1"]);
  expect(names("prod")).toEqual(["w2"]);
  expect(names("charts")).toEqual(["c1"]);
  expect(names("hidden")).toEqual(["w2", "c1"]);
});

it("offers several Stages what one of them takes and not all have", () => {
  expect(names("test", "prod")).toEqual(["w2", "w1"]);
  expect(names("prod", "charts")).toEqual(["w2", "c1"]);
});
