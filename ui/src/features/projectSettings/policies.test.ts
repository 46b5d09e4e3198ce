import { expect, it } from "vitest";
import { forStage, stageOf, withStage } from "./policies.ts";

it("a policy is shown in either form, and written in the newer one with all else kept", () => {
  expect(stageOf({ stage: "test" })).toBe("test");
  expect(stageOf({ stageSelector: { name: "glob:prod-*" } })).toBe("glob:prod-*");
  expect(stageOf(7)).toBe("");
  expect(withStage({ stage: "test", autoPromotionEnabled: true }, "uat")).toEqual({ stageSelector: { name: "uat" }, autoPromotionEnabled: true });
  expect(withStage({ stageSelector: { matchLabels: { a: "b" } }, autoRollback: {} }, "uat")).toEqual({ stageSelector: { matchLabels: { a: "b" }, name: "uat" }, autoRollback: {} });
});

it("a window is for all Stages again where its selector says nothing, and keeps the labels that it has", () => {
  expect(forStage(undefined, "prod")).toEqual({ name: "prod" });
  expect(forStage({ name: "prod" }, "")).toBeUndefined();
  expect(forStage({ name: "prod", matchLabels: { tier: "one" } }, "")).toEqual({ matchLabels: { tier: "one" } });
});
