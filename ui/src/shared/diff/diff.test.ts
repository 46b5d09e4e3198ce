import { expect, it } from "vitest";
import { folded, linesOf, sideBySide, words } from "./diff.ts";

const PATCH = `diff --git a/values.yaml b/values.yaml
--- a/values.yaml
+++ b/values.yaml
@@ -10,3 +10,4 @@ web:
 web:
-  tag: 1.4.0
+  tag: 1.4.2
+  replicas: 2
 end
@@ -40 +41 @@
-a
+b
\\ No newline at end of file
`;

it("numbers the lines of both sides", () => {
  expect(linesOf(PATCH).map((each) => [each.kind, each.before, each.after, each.kind === "hunk" ? "" : each.text])).toEqual([
    ["hunk", 10, 10, ""],
    ["same", 10, 10, "web:"],
    ["removed", 11, 0, "  tag: 1.4.0"],
    ["added", 0, 11, "  tag: 1.4.2"],
    ["added", 0, 12, "  replicas: 2"],
    ["same", 12, 13, "end"],
    ["hunk", 40, 41, ""],
    ["removed", 40, 0, "a"],
    ["added", 0, 41, "b"],
    ["note", 0, 0, "No newline at end of file"],
  ]);
});

it("says how many lines are folded", () => {
  const lines = linesOf(PATCH);
  expect([folded(lines, 0), folded(lines, 6), folded(lines, 1)]).toEqual([9, 27, 0]);
});

it("puts what was taken away beside what came", () => {
  const rows = sideBySide(linesOf(PATCH)).map(({ left, right }) => [left?.text ?? null, right?.text ?? null]);
  expect(rows.slice(2, 4)).toEqual([["  tag: 1.4.0", "  tag: 1.4.2"], [null, "  replicas: 2"]]);
});

it("marks the words that differ, and loses no letter", () => {
  const [left, right] = words("  tag: 1.4.0", "  tag: 1.4.2");
  expect(left.filter((each) => each.isChanged)).toEqual([{ text: "0", isChanged: true }]);
  expect(right.filter((each) => each.isChanged)).toEqual([{ text: "2", isChanged: true }]);
  for (const [a, b] of [["", "x y"], ["naïve 🦦 x", "naive 🦦 y"], ["a b c", "c b a"]] as const) {
    const found = words(a, b).map((each) => each.map(({ text }) => text).join(""));
    expect(found).toEqual([a, b]);
  }
});

it("takes a line of a patch that begins like a header for what it is", () => {
  expect(linesOf("@@ -1,2 +1 @@\n--- x\n y\n").map((each) => [each.kind, each.text])).toEqual([["hunk", "@@ -1,2 +1 @@"], ["removed", "-- x"], ["same", "y"]]);
});
