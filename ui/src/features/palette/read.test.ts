import { expect, it } from "vitest";
import { readActions, readHits, readViewChoices, remembered } from "./read.ts";

const hits = readHits({
  rev: 1,
  at: "",
  hits: [
    { kind: "freight", project: "shop", name: "3f2a000", alias: "calm-otter", version: "1.4.2", term: "SHOP-17" },
    { kind: "stage", project: "shop", name: "prod" },
    { kind: "project", name: "shop", project: "shop" },
    { kind: "actor", project: "shop", name: "email:eva@example.com" },
    { kind: "ship", project: "shop", name: "x" },
  ],
});
const shortcuts = ["Why it waits", "Wait no more", "Overview"].map((label, place) => ({ keys: `${place}`, label, group: "Stage", run: () => undefined }));

it("says what was found and by which term, and passes over kinds of a newer server", () => {
  expect(hits.map((each) => `${each.kind}: ${each.title} | ${each.detail}`)).toEqual([
    "freight: 1.4.2 | calm-otter · SHOP-17 · shop",
    "stage: prod | shop",
    "project: shop | ",
    "actor: email:eva@example.com | shop",
  ]);
  expect(hits[0]?.goal).toEqual({ kind: "freight", project: "shop", freight: "calm-otter" });
});

it("finds actions by the beginnings of their words, in any order", () => {
  const found = (typed: string) => readActions(shortcuts, typed).map((each) => each.title);
  expect(found("wai wh")).toEqual(["Why it waits"]);
  expect(found("wai")).toEqual(["Why it waits", "Wait no more"]);
  expect(found("")).toHaveLength(3);
  expect(found("stage over")).toEqual(["Overview"]);
  expect(found("view")).toEqual([]);
});

it("finds views by the words of their names and of where they lead", () => {
  const views = [
    { name: "Prod, longest first", screen: "board" as const, project: "shop", search: { q: "prod" } },
    { name: "What failed", screen: "overview" as const, project: "", search: {} },
  ];
  const found = (typed: string) => readViewChoices(views, typed).map((each) => each.title);
  expect(found("")).toHaveLength(2);
  expect(found("prod")).toEqual(["Prod, longest first"]);
  expect(found("over fail")).toEqual(["What failed"]);
  expect(found("view shop")).toEqual(["Prod, longest first"]);
  expect(readViewChoices(views, "long")[0]?.goal).toEqual({ kind: "view", place: { screen: "board", project: "shop", search: { q: "prod" } } });
});

it("remembers what was chosen once each, the newest first, and no actions", () => {
  const [freight, stage] = [hits[0]!, hits[1]!];
  const twice = [stage, freight, stage].reduce(remembered, []);
  expect(twice.map((each) => each.title)).toEqual(["prod", "1.4.2"]);
  expect(remembered(twice, readActions(shortcuts, "")[0]!)).toBe(twice);
  const many = Array.from({ length: 9 }, (_, place) => ({ ...stage, goal: { kind: "stage" as const, project: "p", stage: `${place}` } }));
  expect(many.reduce(remembered, []).map((each) => (each.goal.kind === "stage" ? each.goal.stage : ""))).toEqual(["8", "7", "6", "5", "4", "3"]);
});
