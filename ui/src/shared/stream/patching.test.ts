import { describe, expect, it } from "vitest";
import { patched, type Document } from "./patching.ts";

const document: Document = {
  rev: 1,
  may: ["promote"],
  stages: [{ name: "dev" }, { name: "prod", col: 1, behind: 2, msg: "no" }],
  freight: [{ name: "b", time: 20 }, { name: "a", time: 10 }],
};
const set = (k: string, value: unknown) => ({ t: "board:shop", k, set: value });

describe("a patch", () => {
  it("merges into a member, and null takes a field away", () => {
    const next = patched(document, [set("stages/prod", { behind: 3, msg: null })], 2);
    expect(next.stages).toEqual([{ name: "dev" }, { name: "prod", col: 1, behind: 3 }]);
    expect(next.rev).toBe(2);
    expect(document.stages).toHaveLength(2);
  });

  it("brings and takes members, in the order of the document", () => {
    const next = patched(document, [set("freight/c", { time: 30 }), set("freight/a", null), set("stages/canary", { col: 0, ord: 1 })], 3);
    expect(next.freight).toEqual([{ name: "c", time: 30 }, { name: "b", time: 20 }]);
    expect((next.stages as { name: string }[]).map((each) => each.name)).toEqual(["dev", "canary", "prod"]);
  });

  it("adds to the one before it", () => {
    const next = patched(document, [set("stages/prod", { msg: null }), set("stages/prod", { behind: null }), set("stages/dev", null), set("stages/dev", { ord: 1 })], 4);
    expect(next.stages).toEqual([{ name: "dev", ord: 1 }, { name: "prod", col: 1 }]);
  });

  it("replaces what is no list of members, and merges into a document of one part", () => {
    expect(patched(document, [set("may", [])], 2).may).toEqual([]);
    expect(patched({ rev: 1, phase: "Running" }, [set("", { phase: "Failed", message: "x" })], 5)).toEqual({ rev: 5, phase: "Failed", message: "x" });
  });

  it("leaves members alone that it does not name", () => {
    const next = patched(document, [set("stages/prod", { behind: 9 })], 2);
    expect((next.stages as unknown[])[0]).toBe((document.stages as unknown[])[0]);
  });
});
