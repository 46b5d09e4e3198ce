import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { gateWords } from "@/shared/lens/lens.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../../../docs/reference/gates.md"), "utf8");
/** The table of gates alone has, in its second column, what is barred. */
const gates = [...page.matchAll(/^\| `(\w+)` \| `(?:promotion|autoPromotion|start|success|newFreight)` \|/gm)].map((each) => each[1] ?? "");

it("every gate of the reference has words", () => {
  expect(gates.length).toBeGreaterThan(15);
  expect(gates.filter((each) => gateWords(each) === each)).toEqual([]);
});
