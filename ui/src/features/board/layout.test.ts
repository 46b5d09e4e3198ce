import { describe, expect, it } from "vitest";
import type { WireBoard, WireStage } from "@/shared/api/documents.ts";
import { FLOW_WIDTH, layOut, moved, placeId, type Direction, type Layout, type Spot } from "./layout.ts";
import { readLens } from "@/shared/lens/lens.ts";
import { rowArrival } from "./rowArrival.ts";
import { lanesOf } from "./lanes.ts";
import { readBoard } from "./read.ts";

function board(stages: readonly WireStage[], more: Partial<WireBoard> = {}) {
  return readBoard({ rev: 1, at: "", project: "shop", rows: [{ title: "web" }, { title: "api" }], cols: [{ title: "dev" }, { title: "soak" }, { title: "prod" }], stages, ...more });
}

const REGIONS = ["de", "fr", "us", "jp", "br"].map((each, ord): WireStage => ({ name: `prod-${each}`, col: 2, ord, up: ["soak"] }));
const WORLD = board([{ name: "dev" }, { name: "soak", col: 1, up: ["dev"], flow: true }, ...REGIONS, { name: "api-dev", row: 1 }, { name: "api-prod", row: 1, col: 2, up: ["api-dev"] }]);

function go(layout: Layout, from: Spot, ...directions: Direction[]): string {
  const to = directions.reduce((spot, direction) => moved(layout, spot, direction), from);
  const row = layout.rows[to.row];
  const place = row?.places.find((each) => each.col === to.col && each.line === to.line);
  return row === undefined || place === undefined ? "nowhere" : placeId(row, place);
}

describe("the board", () => {
  it("folds more than four siblings into one cell, and a column of control-flow Stages is thin", () => {
    const layout = layOut(WORLD, new Set());
    expect(layout.rows.map((each) => each.lines)).toEqual([1, 1]);
    expect(layout.rows[0]?.places.map((each) => each.kind)).toEqual(["stage", "stage", "fan"]);
    expect(layout.columns.map((each) => each.width)[1]).toBe(FLOW_WIDTH);
  });

  it("shows what was folded below it once somebody opens it", () => {
    const layout = layOut(WORLD, new Set(["0/2"]));
    expect(layout.rows[0]?.lines).toBe(6);
    expect(layout.rows[0]?.places.filter((each) => each.kind === "stage" && each.isInFan).map((each) => each.line)).toEqual([1, 2, 3, 4, 5]);
  });

  it("shows up to four siblings below one another at once", () => {
    const layout = layOut(board(REGIONS.slice(0, 3)), new Set());
    expect(layout.rows[0]?.places.map((each) => [each.kind, each.line])).toEqual([["stage", 0], ["stage", 1], ["stage", 2]]);
  });

  it("is walked with arrow keys, over places that are empty", () => {
    const layout = layOut(WORLD, new Set(["0/2"]));
    const dev = { row: 0, col: 0, line: 0 };
    expect(go(layout, dev, "right")).toBe("stage:soak");
    expect(go(layout, dev, "right", "right", "down")).toBe("stage:prod-de");
    expect(go(layout, dev, "down")).toBe("stage:api-dev");
    expect(go(layout, dev, "down", "right")).toBe("stage:api-prod");
    expect(go(layout, dev, "right", "down")).toBe("stage:api-dev");
    expect(go(layout, dev, "end")).toBe("fan:0/2");
    expect(go(layout, dev, "last")).toBe("stage:api-prod");
    expect(go(layout, dev, "last", "first")).toBe("stage:dev");
    expect(go(layout, dev, "left", "up")).toBe("stage:dev");
  });
});

describe("a Stage that cannot be read", () => {
  it("says so, and the others are there", () => {
    const odd = [{ name: "odd", up: 7 }, { name: "odd-too", freight: { a: 1 } }] as unknown as WireStage[];
    const found = board([{ name: "dev" }, ...odd]);
    expect(found.stages.map((each) => each.meaning.word)).toEqual(["Steady", "Cannot be read", "Cannot be read"]);
  });
});

describe("the lens", () => {
  it("says when the Freight could be at the end of a row, and nothing where it never comes", () => {
    const layout = layOut(WORLD, new Set());
    const now = 1_764_430_000;
    const lens = readLens({ rev: 1, at: "", freight: "f", stages: { dev: ["here"], "prod-de": ["waits", "soaked", now + 60, [now + 7_200, now + 7_200]], "prod-fr": ["waits", "soaked", 0, [now + 90_000, 0]], "api-prod": ["no"] } });
    expect(layout.rows.map((each) => rowArrival(each, lens, now))).toEqual([expect.stringMatching(/^there ≈ \S+/), ""]);
  });
});

describe("lanes", () => {
  const freight = Array.from({ length: 9 }, (_, place) => ({
    name: `f${place}`,
    warehouse: "web",
    time: 1_000 - place,
    artifacts: [["image", "shop/web", `1.${9 - place}`], ["git", "shop/config", "1a2b3c4"]] as const,
  }));

  it("fold what nobody holds, but for the newest, and mark what each brought", () => {
    const [lane] = lanesOf(board([{ name: "dev", freight: ["f4"] }, { name: "prod", col: 2, freight: ["f8"] }], { lanes: [{ name: "web", next: 5 }], freight }));
    expect(lane?.items.map((each) => (each.kind === "freight" ? each.freight.name : `${each.freight.length} unused`))).toEqual(["f0", "f1", "f2", "f3", "f4", "3 unused", "f8"]);
    expect(lane?.items[0]).toMatchObject({ fresh: new Set([0]), holders: [] });
    expect(lane?.items.at(-1)).toMatchObject({ fresh: new Set(), holders: [2] });
  });
});
