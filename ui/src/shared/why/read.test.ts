import { expect, it } from "vitest";
import { readExplanations, soonest } from "./read.ts";

const gate = (name: string, open: boolean, bars = "promotion", opensAt: string | null = null) => ({ name, open, bars, opensAt, reason: `${name} is ${open ? "open" : "shut"}` });

it("gates, their words and what they amount to are told as the server tells them", () => {
  const gates = [{ ...gate("soaked", false, "promotion", "2026-11-29T15:00:00Z"), means: "It cannot be promoted" }, gate("turn", false, "start"), gate("stage", true)];
  const found = readExplanations({ stage: "prod", freight: "f", summary: "One gate is shut.", gates })[0]!;
  expect(found.gates.map((each) => [each.name, each.means])).toEqual([["soaked", "It cannot be promoted"], ["turn", ""], ["stage", ""]]);
  expect(found.gates[0]?.opensAt).toBe(Date.UTC(2026, 10, 29, 15) / 1000);
  expect(found.summary).toBe("One gate is shut.");
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
