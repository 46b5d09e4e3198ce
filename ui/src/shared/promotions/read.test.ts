import { expect, it } from "vitest";
import { barOf, opensItself, readPromotion } from "./read.ts";

const wire = { rev: 1, at: "", name: "prod.01", stage: "prod", freight: "f", phase: "Running", start: 100, steps: [{ alias: "push", kind: "git-push", status: "Running", start: 110, errors: 2 }, { alias: "wait", kind: "argocd-wait" }] };

it("puts defaults in, and names what has not begun", () => {
  const found = readPromotion(wire);
  expect(found.steps.map((each) => [each.alias, each.meaning.word, each.errors])).toEqual([["push", "Running", 2], ["wait", "Not yet", 0]]);
  expect([found.isOver, found.isRollback, found.end]).toEqual([false, false, 0]);
});

it("takes what the stream says over what the first answer said", () => {
  const found = readPromotion({ ...wire, phase: "Failed", message: "no\nway", finished: 130, steps: [["push", "git-push", "Failed", 110, 130, "denied\nmore"]] });
  expect([found.isOver, found.end, found.message]).toEqual([true, 130, "no\nway"]);
  expect(found.steps[0]).toMatchObject({ alias: "push", status: "Failed", start: 110, end: 130, result: "denied" });
  expect(opensItself(found.steps[0]!)).toBe(true);
});

it("stands on one axis with the others, and can always be seen", () => {
  const [push, wait] = readPromotion(wire).steps;
  expect(barOf(push!, 100, 200, 160)).toEqual({ left: 10, width: 50 });
  expect(barOf(push!, 100, 100_000, 111)?.width).toBe(1);
  expect(barOf(wait!, 100, 200, 160)).toBeNull();
});
