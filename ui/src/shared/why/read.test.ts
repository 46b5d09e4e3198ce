import { expect, it } from "vitest";
import { ordered, readExplanations, soonest, summary } from "./read.ts";

const gate = (name: string, open: boolean, bars = "promotion", opensAt: string | null = null) => ({ name, open, bars, opensAt, reason: `${name} is ${open ? "open" : "shut"}` });
const explained = (...gates: ReturnType<typeof gate>[]) => readExplanations({ stage: "prod", freight: "f", gates })[0]!;

it("gates that are shut come first, those that nobody passes by before the others", () => {
  const found = explained(gate("stage", true), gate("policy", false, "autoPromotion"), gate("soaked", false, "promotion", "2026-11-29T15:00:00Z"), gate("turn", false, "start"));
  expect(ordered(found.gates).map((each) => each.name)).toEqual(["soaked", "turn", "policy", "stage"]);
  expect(found.gates[2]?.opensAt).toBe(Date.UTC(2026, 10, 29, 15) / 1000);
});

it.each([
  [[gate("soaked", false)], "One gate is shut."],
  [[gate("verified", false), gate("soaked", false)], "2 gates are shut; the first is verified."],
  [[gate("present", false, "autoPromotion")], "It is there."],
  [[gate("policy", false, "autoPromotion")], "Nothing keeps it: auto-promotion is off here, and nobody asked."],
  [[gate("steps", false, "success")], "It can be asked for, and would fail."],
  [[gate("turn", false, "start")], "It can be asked for, and waits for its turn."],
  [[gate("stage", true)], "Nothing keeps it."],
])("%# in one sentence", (gates, sentence) => {
  expect(summary(explained(...gates))).toBe(sentence);
});

it("a Stage of several origins has an explanation for each", () => {
  expect(readExplanations({ stage: "prod", explanations: [{ origin: "a" }, { origin: "b" }] })).toHaveLength(2);
});

it("what says so comes along, and an older server names nothing", () => {
  const evidence = [{ kind: "Promotion", name: "prod.01" }];
  const found = readExplanations({ stage: "prod", gates: [{ ...gate("hold", false), evidence }, gate("stage", true)] })[0]!;
  expect(found.gates.map((each) => each.evidence)).toEqual([evidence, []]);
});

const AT = "2026-11-29T15:00:00Z";
const coming = (at: string | null, ...gates: ReturnType<typeof gate>[]) => readExplanations({ stage: "prod", gates, soonest: at })[0]!;

it.each([
  ["the Stages before it take so long", coming(AT, gate("verified", false)), Date.parse(AT) / 1000],
  ["two gates open by time, of which the later counts", coming(AT, gate("soaked", false, "promotion", "2026-11-29T14:00:00Z"), gate("x", false, "promotion", "2026-11-29T14:30:00Z")), Date.parse(AT) / 1000],
  ["its own gate says when", coming(AT, gate("soaked", false, "promotion", AT)), 0],
  ["nobody can tell", coming(null, gate("verified", false)), 0],
])("it could be there at the earliest: %s", (_, explanation, at) => {
  expect(soonest(explanation)).toBe(at);
});
