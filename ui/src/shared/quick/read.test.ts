import { expect, it } from "vitest";
import { refusal } from "./read.ts";

it("tells each target that was refused, and why", () => {
  const targets = [{ stage: "a", result: "approved" }, { stage: "b", result: "refused", error: "it is held" }, { result: "refused" }];
  expect(refusal({ targets })).toBe("b: it is held\nit was refused");
});

it("nothing was refused", () => {
  expect([refusal(null), refusal({}), refusal({ targets: [{ stage: "a", result: "held" }] })]).toEqual(["", "", ""]);
});
