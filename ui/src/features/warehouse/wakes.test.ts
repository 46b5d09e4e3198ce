import { expect, it } from "vitest";
import type { WireReceipt } from "@/shared/api/documents.ts";
import { lastOf } from "./wakes.ts";

const receipt = (time: string, more: Partial<WireReceipt>) => ({ time, event: "push", woken: [], passed: [], failed: [], ...more }) as unknown as WireReceipt;
const web = { project: "shop", name: "web", why: "" };

it("the newest delivery that was about the Warehouse is told, with what kept it from looking", () => {
  const found = [receipt("1970-01-01T00:00:09Z", { woken: [{ ...web, project: "other" }] }), receipt("1970-01-01T00:00:08Z", { passed: [{ ...web, why: "no path of it" }] }), receipt("1970-01-01T00:00:07Z", { woken: [web] })];
  expect(lastOf(found, "shop", "web")).toEqual({ at: 8, what: "passed", why: "no path of it", event: "push" });
  expect(lastOf(found, "other", "web")?.what).toBe("woken");
  expect([lastOf(found, "shop", "api"), lastOf([], "shop", "web")]).toEqual([null, null]);
});
