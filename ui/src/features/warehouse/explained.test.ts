import { expect, it } from "vitest";
import type { WireVerdicts, WireVerdictsOf } from "@/shared/api/documents.ts";
import { countsOf, newest, outcomeOf, spentWords, stateOf, winnerNow } from "./explained.ts";

const one = (place: number, repoURL: string, winner: string): WireVerdictsOf => ({ place, type: "image", name: "", repoURL, error: "", notes: [], excluded: [], leftOut: 0, candidates: winner === "" ? [] : [{ name: winner, outcome: "wins" }] });
const told = (explainedAt: string | null, ...subscriptions: WireVerdictsOf[]): WireVerdicts => ({ explainedAt, subscriptions });

it("a trial is beside what wins now, also where it stands elsewhere; of several on one repository by place", () => {
  const now = told(null, one(0, "a", "1.0"), one(1, "b", "2.0"));
  expect([winnerNow(now, one(0, "b", "3.0")), winnerNow(now, one(2, "c", "1")), winnerNow(undefined, one(0, "a", "1"))]).toEqual(["2.0", null, null]);
  const twice = told(null, one(0, "a", "1.0"), one(1, "a", "2.0"));
  expect([winnerNow(twice, one(1, "a", "x")), winnerNow(twice, one(2, "a", "x")), winnerNow(told(null, one(0, "a", "")), one(0, "a", "x"))]).toEqual(["2.0", null, ""]);
});

it("the newest telling that a look was made for is shown", () => {
  const [early, late, none] = [told("2026-11-01T00:00:00Z"), told("2026-11-02T00:00:00Z"), told(null)];
  expect(newest(early, late)).toBe(late);
  expect(newest(none, early)).toBe(early);
  expect(newest(undefined, none)).toBeUndefined();
});

it("numbers have units", () => {
  expect(spentWords({ looks: 1, requests: 2, bytes: 0 })).toBe("1 look, 2 requests, 0 B");
  expect(countsOf([{ rule: "constraint", count: 40 }, { rule: "ignoreTags", count: 2 }])).toBe("constraint 40, ignoreTags 2");
});

it("what a newer server says is shown as it is", () => {
  expect([outcomeOf("wins").role, outcomeOf("ties")]).toEqual(["ok", { role: "none", word: "ties" }]);
  expect([stateOf("made").role, stateOf("toString")]).toEqual(["ok", { role: "none", word: "toString" }]);
});
