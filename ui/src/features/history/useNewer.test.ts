import { expect, it } from "vitest";
import { newest } from "./useNewer.ts";

it("knows when something was promoted last, in a Project or in all of them", () => {
  const moves = [
    ["shop", "prod", "f", "1.0.0", "Succeeded", "email:jo@example.com", 100, 160, "prod.02"],
    ["ledger", "prod", "f", "1.0.0", "Running", "email:jo@example.com", 200, 0, "prod.01"],
  ] as const;
  expect([newest(moves as never, "shop"), newest(moves as never, ""), newest([], "shop")]).toEqual([160, 200, 0]);
});
