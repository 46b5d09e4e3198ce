import { expect, it } from "vitest";
import type { FoundThing } from "@/shared/api/documents.ts";
import { readDiagnosis, warehouseOf } from "./diagnosis.ts";

const thing = (what: string, is: string): FoundThing => ({ what, is: is as FoundThing["is"], said: "", remedy: "" });

it("what is ill comes first, then what could not be told; what is well is apart", () => {
  const found = readDiagnosis({ items: [thing("disk", "ok"), thing("git", "unknown"), thing("clock", "ill"), thing("new", "dizzy")] });
  expect(found.wrong.map((each) => `${each.what} ${each.is}`)).toEqual(["clock ill", "git unknown", "new unknown"]);
  expect([found.said, found.well.map((each) => each.what)]).toEqual(["1 ill, 2 not known", ["disk"]]);
  expect(readDiagnosis({ items: [thing("disk", "ok")] }).said).toBe("nothing");
});

it("a Warehouse is led to", () => {
  expect([warehouseOf("warehouse/web of shop"), warehouseOf("Warehouses"), warehouseOf("messagechannel/x of shop")]).toEqual([{ warehouse: "web", project: "shop" }, null, null]);
});
