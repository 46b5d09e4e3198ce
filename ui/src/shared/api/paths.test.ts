import { expect, it } from "vitest";
import { path, query, seconds } from "./paths.ts";

it("encodes names of others, and leaves the address as it is", () => {
  expect(path`towpath/v1/projects/${"a/../b?c"}/board`).toBe("towpath/v1/projects/a%2F..%2Fb%3Fc/board");
});

it("asks for what is given alone", () => {
  expect(query({ q: "a&b", stage: "", actor: undefined, limit: 20 })).toBe("?q=a%26b&limit=20");
  expect(query({ q: "" })).toBe("");
});

it("reads moments, and none as 0", () => {
  expect(seconds("2026-11-29T16:00:00Z")).toBe(1795968000);
  expect([seconds(null), seconds(""), seconds("soon")]).toEqual([0, 0, 0]);
});
