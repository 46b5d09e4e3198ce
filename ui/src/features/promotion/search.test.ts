import { expect, it } from "vitest";
import { readPromotionSearch } from "./search.ts";

it("keeps what it knows, whatever it is given", () => {
  expect(readPromotionSearch({ step: "push", line: "12", other: 1 })).toEqual({ step: "push", line: 12 });
  expect(readPromotionSearch({ step: {}, line: "-1" })).toEqual({});
  expect(readPromotionSearch({ line: "1.5" })).toEqual({});
});
