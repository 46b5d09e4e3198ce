import { expect, it } from "vitest";
import { stageOf, withStage } from "./policies.ts";

it("a policy is shown in either form, and written in the newer one with all else kept", () => {
  expect(stageOf({ stage: "test" })).toBe("test");
  expect(stageOf({ stageSelector: { name: "glob:prod-*" } })).toBe("glob:prod-*");
  expect(stageOf(7)).toBe("");
  expect(withStage({ stage: "test", autoPromotionEnabled: true }, "uat")).toEqual({ stageSelector: { name: "uat" }, autoPromotionEnabled: true });
  expect(withStage({ stageSelector: { matchLabels: { a: "b" } }, autoRollback: {} }, "uat")).toEqual({ stageSelector: { matchLabels: { a: "b" }, name: "uat" }, autoRollback: {} });
});
