import { expect, it } from "vitest";
import { cut } from "./Version.tsx";

it.each([
  ["1.4.2", 22, "1.4.2"],
  ["2026-11-29_1628-0000001", 12, "…628-0000001"],
  ["sha256:9f86d081884c7d659a2feaa0c55ad015", 13, "sha256…5ad015"],
  ["9f86d081884c7d659a2feaa0c55ad015", 9, "9f86…d015"],
  ["🚀🚀🚀🚀🚀", 3, "…🚀🚀"],
])("%s in %i letters is %s", (text, most, shown) => {
  expect(cut(text, most)).toBe(shown);
  expect(Array.from(cut(text, most)).length).toBeLessThanOrEqual(most);
});
