import { expect, it } from "vitest";
import { called, namesOf } from "./names.ts";

const names = namesOf({
  rev: 1,
  at: "",
  project: "shop",
  freight: [
    { name: "f".repeat(40), alias: "calm-otter", artifacts: [["image", "web", "1.4.2"]] },
    { name: "a".repeat(40), artifacts: [["git", "web", "9".repeat(40)]] },
    { name: "b".repeat(40) },
  ],
});

it.each([
  ["f", "1.4.2 · calm-otter"],
  ["a", "9999999"],
  ["b", "bbbbbbb"],
  ["c", "ccccccc"],
])("Freight %s is called %s", (letter, words) => {
  expect(called(names, letter.repeat(40))).toBe(words);
});

it("no board, no names", () => {
  expect(called(namesOf(null), "")).toBe("no Freight");
});
