import { expect, it } from "vitest";
import { compared } from "./planned.ts";
import { readPromotion } from "@/shared/promotions/read.ts";

const { steps } = readPromotion({ rev: 1, at: "", name: "p", stage: "s", freight: "f", steps: [["commit", "git-commit", "Succeeded"], ["push", "git-push", "Failed"]] });
const planned = [{ step: "commit", result: "Succeeded", output: { commit: "(known after commit)", branch: "main" } }, { step: "push", result: "Succeeded" }];

it("counts what came out as planned, and tells what did not", () => {
  const found = compared({ id: "1", variants: [{ steps: planned }] }, steps, { commit: { commit: "abc", branch: "main" } });
  expect(found).toEqual({ equal: 2, differences: [{ step: "push", what: "result", planned: "Succeeded", actual: "Failed" }] });
});

it("takes the way that it went, and misses what is not there", () => {
  const found = compared({ id: "1", variants: [{ steps: [...planned, { step: "wait" }] }, { steps: planned }] }, steps, {});
  expect(found.differences.map((each) => [each.step, each.what, each.actual])).toEqual([["commit", "branch", "nothing"], ["push", "result", "Failed"]]);
});
