import { afterEach, expect, it } from "vitest";
import { forgetDrafts, keepDraft, keptDraft, type Draft } from "./store.ts";

const draft = (text: string): Draft => ({ base: { text: "a: 1\n", revision: "7" }, text });

afterEach(() => sessionStorage.clear());

it("a draft is there for who left it, until it is dropped or somebody signs out", () => {
  keepDraft("x", "email:jo", draft("a: 2\n"));
  expect(keptDraft("x", "email:jo")).toEqual(draft("a: 2\n"));
  expect(keptDraft("x", "email:kim")).toBeNull();
  keepDraft("x", "email:jo", null);
  expect(keptDraft("x", "email:jo")).toBeNull();
  keepDraft("x", "email:jo", draft("a: 3\n"));
  sessionStorage.setItem("other", "stays");
  forgetDrafts();
  expect([keptDraft("x", "email:jo"), sessionStorage.getItem("other")]).toEqual([null, "stays"]);
});

it("of many the newest stay, and what is too large or broken is none", () => {
  for (let each = 0; each < 30; each += 1) keepDraft(`x${each}`, "jo", draft(`a: ${each}\n`));
  expect(Array.from({ length: 30 }, (_, each) => keptDraft(`x${each}`, "jo")).filter((found) => found !== null)).toHaveLength(20);
  expect([keptDraft("x29", "jo"), keptDraft("x0", "jo")]).toEqual([draft("a: 29\n"), null]);
  keepDraft("x29", "jo", draft("x".repeat(600_000)));
  expect(keptDraft("x29", "jo")).toBeNull();
  sessionStorage.setItem("towpath.draft:bad", '{"text":7}');
  expect(keptDraft("bad", "jo")).toBeNull();
});
