import { expect, it } from "vitest";
import { countWords, readInbox } from "./read.ts";

const document = {
  rev: 1,
  at: "",
  items: [
    { kind: "hold", project: "a", stage: "x", since: 1 },
    { kind: "waits", project: "a", stage: "y", since: 9 },
    { kind: "waits", project: "a", stage: "z", since: 5 },
    { kind: "failed", project: "b", stage: "x", since: 20 },
    { kind: "of-tomorrow", project: "b", stage: "y" },
  ],
};

it("what failed comes first, then what has waited longest; what is not known comes last and is shown", () => {
  expect(readInbox(document).map((each) => `${each.meaning.word} ${each.stage}`)).toEqual(["Failed x", "Waits z", "Waits y", "Held by you x", "of-tomorrow y"]);
});

it("counts what came, and says if there is more", () => {
  expect([countWords(null), countWords({ rev: 1, at: "" }), countWords(document), countWords({ ...document, cursor: "b/3" })]).toEqual(["", "", "5", "5+"]);
});
