import { expect, it } from "vitest";
import type { Gate } from "@/shared/why/read.ts";
import { verb, verdict, type Confirmable } from "./words.ts";

const stage = (name: string, may: readonly string[] = ["promote", "approve", "hold"]) => ({ name, freight: [], since: 0, may, isHeld: false, isAuto: false, isThere: true });
const freight = { name: "3f2a".repeat(10), alias: "calm-otter", warehouse: "web", versions: ["1.4.2"] };
const gate = (bars: string, isOpen = false): Gate => ({ name: "g", isOpen, reason: "it soaks", bars, means: "", opensAt: 0, opensBy: [], command: "", remedy: null, who: [], evidence: [] });
const ready: Confirmable = { kind: "promote", targets: [stage("prod")], freight, reason: "", isLive: true, isSending: false, plan: "made", gates: [gate("promotion", true)] };

it("repeats the verb and the target", () => {
  expect(verb("promote", ["prod-eu"], freight)).toBe("Promote to prod-eu");
  expect(verb("rollback", ["a", "b"], freight)).toBe("Roll back 2 Stages");
  expect(verb("quarantine", [], freight)).toBe("Quarantine calm-otter");
});

it("may be confirmed when nothing stands against it", () => {
  expect(verdict(ready)).toEqual({ label: "Promote to prod", canConfirm: true, why: "" });
});

it.each([
  ["what is shown is not live", { isLive: false }, "live again"],
  ["no right", { targets: [stage("prod", ["approve"])] }, "no right to promote: prod"],
  ["a Stage that is gone", { targets: [{ ...stage("prod"), isThere: false }] }, "no Stage prod"],
  ["no Freight", { freight: null }, "No Freight"],
  ["a gate that bars promotions", { gates: [gate("promotion")] }, "shut: it soaks"],
  ["a plan that is outdated", { plan: "outdated" }, "renew"],
  ["a plan that is not made yet", { plan: "making" }, "being made"],
  ["a quarantine without a reason", { kind: "quarantine", targets: [] }, "Say why"],
  ["nothing chosen", { targets: [] }, "No Stage"],
] as const)("may not be confirmed with %s", (_, change, why) => {
  const found = verdict({ ...ready, ...change });
  expect(found.canConfirm).toBe(false);
  expect(found.why).toContain(why);
});

it("is a request where a gate makes it wait, and a warning where it would fail", () => {
  expect(verdict({ ...ready, gates: [gate("start")] })).toEqual({ label: "Request: promote to prod", canConfirm: true, why: "It waits first: it soaks." });
  expect(verdict({ ...ready, gates: [gate("success")] }).why).toContain("would fail");
});

it("is not asked to wait by what keeps it from going by itself", () => {
  expect(verdict({ ...ready, gates: [gate("autoPromotion")] }).canConfirm).toBe(true);
  expect(verdict({ ...ready, kind: "approve", gates: [gate("promotion")] }).canConfirm).toBe(true);
});
