import { describe, expect, it } from "vitest";
import { changes, merged, patchOf } from "./lines.ts";

const text = (lines: readonly string[]): string => (lines.length === 0 ? "" : `${lines.join("\n")}\n`);

/** Applies changes from the last to the first. */
function applied(before: string, after: string): string {
  const lines = before === "" ? [] : before.replace(/\n$/, "").split("\n");
  for (const each of [...changes(before, after)].reverse()) lines.splice(each.from, each.to - each.from, ...each.lines);
  return text(lines);
}

/** Texts of few different lines, so that much of them is the same. */
function* texts(count: number): Generator<string> {
  let seed = 7;
  const random = (most: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % most;
  };
  for (let made = 0; made < count; made += 1) yield text(Array.from({ length: random(9) }, () => `line ${random(4)}`));
}

describe("changes", () => {
  it("make the second text of the first, whatever both are", () => {
    const all = [...texts(60)];
    for (const [place, before] of all.entries()) for (const after of all.slice(place % 7, (place % 7) + 12)) expect(applied(before, after)).toBe(after);
  });

  it("of much is one, made in no time", () => {
    const [before, after] = [text(Array.from({ length: 5_000 }, (_, place) => `a ${place}`)), text(Array.from({ length: 5_000 }, (_, place) => `b ${place}`))];
    expect(changes(before, after)).toHaveLength(1);
  });

  it("are shown with what stands around them", () => {
    expect(patchOf("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nD\ne\nf\n")).toBe("@@ -1,6 +1,6 @@\n a\n b\n c\n-d\n+D\n e\n f");
    expect(patchOf("a\n", "a\n")).toBe("");
    expect(patchOf("", "a\n")).toBe("@@ -1,0 +1,1 @@\n+a");
  });
});

describe("what two people change", () => {
  it("comes together where it is about different lines", () => {
    expect(merged("a\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "a\nb\nc\nd\ne\nf\n")).toBe("A\nb\nc\nd\ne\nf\n");
    expect(merged("a\nb\nc\n", "A\nb\nc\n", "A\nb\nc\n")).toBe("A\nb\nc\n");
  });

  it("does not where it is about the same", () => {
    expect(merged("a\nb\nc\n", "a\nB\nc\n", "a\nX\nc\n")).toBeNull();
    expect(merged("a\nb\n", "a\nmine\nb\n", "a\ntheirs\nb\n")).toBeNull();
  });

  it("is lost by neither: with nothing of mine it is theirs, with nothing of theirs it is mine", () => {
    for (const other of texts(40)) {
      expect(merged("line 1\nline 2\n", "line 1\nline 2\n", other)).toBe(other);
      expect(merged("line 1\nline 2\n", other, "line 1\nline 2\n")).toBe(other);
    }
  });
});
