import { expect, it } from "vitest";
import { byType, readCompare } from "./read.ts";

const read = readCompare({
  artifacts: [
    {
      kind: "image",
      name: "web",
      change: "changed",
      before: "1.4.0",
      after: "1.4.2",
      commits: [
        { id: "a", subject: "chore: SHOP-1 tidy", author: "Jo <jo@example.com>" },
        { id: "b", subject: "feat(cart)!: SHOP-2 and SHOP-1", author: "Eva <eva@example.com>" },
        { id: "c", subject: "no type: here", author: "Jo <jo@other.example>" },
      ],
      removedCommits: [{ id: "d" }],
    },
    { kind: "chart", name: "c", change: "added", after: "1", isCut: true, unknown: "no label" },
  ],
});

it("says in a sentence how much is different", () => {
  expect(read.summary).toBe("2 artifacts differ, 3 commits, 1 commit taken back, 2 authors, 2 tickets; some commits are left out.");
  expect(readCompare({}).summary).toBe("Nothing is different.");
});

it("groups commits by their type, features first, those without one last", () => {
  expect(byType(read.changes[0]!.commits).map(([type, commits]) => `${type}: ${commits.map((each) => each.id).join()}`)).toEqual(["feat: b", "chore: a", ": c"]);
});

it("keeps addresses of people to itself", () => {
  expect(JSON.stringify(read.changes)).not.toContain("example");
});
