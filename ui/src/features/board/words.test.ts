import { describe, expect, it } from "vitest";
import type { WireStage } from "@/shared/api/documents.ts";
import { arrival, blockerWords, readLens } from "@/shared/lens/lens.ts";
import { moment } from "@/shared/time/words.ts";
import { csv } from "./list.ts";
import { readBoard } from "./read.ts";
import { cellName, lensLine, thirdLine } from "./words.ts";

const NOW = 1_764_430_000;
const stage = (wire: Partial<WireStage>) => {
  const board = readBoard({ rev: 1, at: "", project: "shop", stages: [{ name: "prod", freight: ["f"], ...wire }], freight: [{ name: "f", artifacts: [["image", "shop/web", "1.4.2"]] }] });
  return { board, stage: board.stages[0]! };
};

describe("the third line says one thing: the first that applies", () => {
  it.each<[Partial<WireStage>, string]>([
    [{ msg: "git-push: refused", hold: ["email:a@example.com", 1, "x"], behind: 2 }, "git-push: refused"],
    [{ hold: ["email:a@example.com", 1, "incident 4711"], behind: 2 }, "by a@example.com: incident 4711"],
    [{ hold: ["email:a@example.com", 1, "incident 4711", NOW + 60] }, `by a@example.com: incident 4711, until ${moment(NOW + 60, NOW)}`],
    [{ hold: ["email:a@example.com", 1, "", NOW + 60] }, `by a@example.com, until ${moment(NOW + 60, NOW)}`],
    [{ step: [3, 7, "git-push", NOW - 12], behind: 2 }, "step 3/7 git-push 12 s"],
    [{ next: "g", blocker: ["soaked", NOW + 7_800] }, `next: soaks upstream until ${moment(NOW + 7_800, NOW)} (2 h 10 min left)`],
    [{ queued: 2, behind: 1 }, "2 queued"],
    [{ behind: 2 }, "2 behind"],
    [{}, ""],
  ])("%j", (wire, line) => {
    expect(thirdLine(stage(wire).stage, NOW)).toBe(line);
  });
});

it("a screen reader is told what is seen", () => {
  const { board, stage: prod } = stage({ since: NOW - 10_800, behind: 2, health: "Unhealthy" });
  expect(cellName(prod, board.freight, undefined, NOW)).toBe("prod, 1.4.2, steady, unhealthy, since 3 h, 2 behind");
});

describe("the lens", () => {
  const lens = readLens({ rev: 1, at: "", freight: "f", stages: { a: ["here"], b: ["can", "", 0, [NOW, NOW]], c: ["waits", "soaked", NOW + 600, [NOW + 600, 0]], d: ["queued", 2], e: ["queued", 0], g: ["later"] } });
  it("has words for every state, also for one that it does not know", () => {
    expect([...lens.values()].map((each) => each.meaning.word)).toEqual(["here", "can go now", "waits", "queued 2", "on its way", "later"]);
  });
  it("says what is waited for and when it comes, and no single minute that nobody knows", () => {
    expect(lensLine(lens.get("c")!, NOW)).toMatch(/^soaks upstream until \S+.* \(10 min left\)$/);
    expect(blockerWords("window", NOW + 600, NOW)).toMatch(/^outside the promotion window, opens \S+.* \(in 10 min\)$/);
    expect(blockerWords("soaked", NOW, NOW)).toBe("soaks upstream, opens now");
    expect(arrival(lens.get("c")!, NOW)).toMatch(/ at the earliest$/);
    expect(arrival(lens.get("b")!, NOW)).toBe("≈ now");
  });
});

it("a file for spreadsheets holds no formula", () => {
  const { board } = stage({ msg: '=HYPERLINK("http://x","y")' });
  expect(csv(board, board.stages)).toContain(`"'=HYPERLINK(""http://x"",""y"")"`);
});
