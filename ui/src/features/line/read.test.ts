import { expect, it } from "vitest";
import type { WireLine } from "@/shared/api/documents.ts";
import { count, ending, lastStop, type LineHold } from "./read.ts";

const hold = (stage: string, more: Partial<LineHold> = {}): LineHold => ({ stage, origin: "Warehouse/web", actor: "email:jo@example.com", since: 5, until: 0, stop: false, reason: "", ...more });
const lineOf = (more: Partial<WireLine>): WireLine => ({
  rev: 1,
  at: "2026-11-29T15:00:00Z",
  project: "shop",
  toHold: [],
  partly: [],
  held: [],
  manual: [],
  empty: [],
  unreadable: [],
  forbidden: [],
  stopped: [],
  toResume: [],
  holds: [],
  running: [],
  ...more,
});

it("tells of the stop that was made last, and not of holds of others", () => {
  expect(lastStop(lineOf({}))).toBeNull();
  const line = lineOf({ holds: [hold("a", { stop: true, since: 6, reason: "fire" }), hold("b", { stop: true, since: 7, reason: "flood" }), hold("c", { since: 99 })] });
  expect(lastStop(line)?.reason).toBe("flood");
});

it("tells of holds that end by themselves where nothing else is held, the first first", () => {
  const line = lineOf({ held: ["a", "b"], partly: ["c"], holds: [hold("a", { until: 90 }), hold("b"), hold("c", { until: 60 }), hold("d", { until: 50 })] });
  expect(ending(line).map((each) => each.stage)).toEqual(["c", "a"]);
});

it("counts Stages in words", () => {
  expect([count([]), count(["a"]), count(["a", "b"])]).toEqual(["0 Stages", "1 Stage", "2 Stages"]);
});
