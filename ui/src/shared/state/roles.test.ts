import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { HEALTH, HEALTH_STATES, LENS, LENS_STATES, PROMOTION, PROMOTION_PHASES, ROLES, STAGE, STAGE_PHASES, STEP, STEP_STATES, VERIFICATION, VERIFICATION_PHASES, meaning, worst } from "./roles.ts";

const ROOT = resolve(import.meta.dirname, "../../../..");
const board = readFileSync(resolve(ROOT, "docs/reference/board.md"), "utf8");

/** The words in backquotes of a row of the reference. */
function told(pattern: RegExp): string[] {
  const row = pattern.exec(board)?.[1] ?? "";
  return [...new Set([...row.matchAll(/`(\w+)`/g)].map((each) => each[1] ?? ""))].sort();
}

describe("every phase that the server has is shown", () => {
  it("those of Stages", () => {
    expect(told(/^\| `phase` \| (.*)$/m)).toEqual([...STAGE_PHASES].sort());
  });

  it("health, verifications and the lens", () => {
    expect(told(/^\| `health` \| (.*)$/m)).toEqual([...HEALTH_STATES].sort());
    expect(told(/^\| `verify` \| (.*)$/m)).toEqual([...VERIFICATION_PHASES].sort());
    const lens = /## Lens([\s\S]*?)## Overview/.exec(board)?.[1] ?? "";
    expect([...lens.matchAll(/^\| `(\w+)` \|/gm)].map((each) => each[1]).sort()).toEqual([...LENS_STATES].sort());
  });

  it("those of Promotions and steps, as the server's own types list them", () => {
    const types = readFileSync(resolve(ROOT, "src/towpath/resources/promotion.py"), "utf8");
    for (const phase of [...PROMOTION_PHASES, ...STEP_STATES]) expect(types).toContain(`"${phase}"`);
  });

  it.each([
    ["PROMOTION", PROMOTION],
    ["VERIFICATION", VERIFICATION],
    ["HEALTH", HEALTH],
    ["STEP", STEP],
    ["STAGE", STAGE],
    ["LENS", LENS],
  ])("each of %s has one of the six roles, and a word of its own", (_, table) => {
    const meanings = Object.values(table);
    for (const each of meanings) expect(ROLES).toContain(each.role);
    expect(new Set(meanings.map((each) => each.word)).size).toBe(meanings.length);
  });
});

it("a phase of a newer server is shown as it is, and claims nothing", () => {
  expect(meaning(STAGE, "Teleporting")).toEqual({ role: "none", word: "Teleporting" });
  expect(meaning(STAGE, "constructor")).toEqual({ role: "none", word: "constructor" });
});

it("a group shows the worst of its members", () => {
  expect(worst(["ok", "wait", "held"])).toBe("held");
  expect(worst([])).toBe("none");
});
