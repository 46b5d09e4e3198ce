import { expect, it } from "vitest";
import { bytes } from "./sizes.ts";

it("sizes have units", () => {
  expect([0, 812, 1024, 1434, 20 * 1024 ** 2, 1e18].map(bytes)).toEqual(["0 B", "812 B", "1.0 KiB", "1.4 KiB", "20 MiB", "909495 TiB"]);
});
