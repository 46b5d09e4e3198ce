import { expect, it } from "vitest";
import { isSame, placeOf, readViews, shownWords } from "./read.ts";

const saved = "2026-11-30T09:00:00Z";

it("reads views in the order of a reader, and passes over screens of a newer server", () => {
  const found = readViews({
    rev: 1,
    at: saved,
    items: [
      { name: "Prod 10", screen: "board", project: "shop", search: { q: "prod" }, saved },
      { name: "prod 2", screen: "overview", project: "", search: {}, saved },
      { name: "stars", screen: "sky", project: "", search: {}, saved },
    ],
    cursor: null,
  });
  expect(found.map((each) => each.name)).toEqual(["prod 2", "Prod 10"]);
  expect(shownWords(found[1]!)).toBe("board of shop · q prod");
});

it("keeps what an address says, without what is empty and what is for the moment", () => {
  const here = placeOf("board", "shop", { q: "7", why: "prod", view: undefined, sort: "" }, ["why"]);
  expect(here).toEqual({ screen: "board", project: "shop", search: { q: "7" } });
});

it("knows a place whatever the order of its address", () => {
  const one = placeOf("overview", "", { q: "a", state: "fail" });
  expect(isSame(one, placeOf("overview", "", { state: "fail", q: "a" }))).toBe(true);
  expect(isSame(one, placeOf("overview", "", { q: "a" }))).toBe(false);
  expect(isSame(placeOf("board", "a", {}), placeOf("board", "b", {}))).toBe(false);
});
