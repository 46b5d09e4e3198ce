import { expect, it } from "vitest";
import { factsOf } from "./StageCard.tsx";
import { readBoard } from "./read.ts";

const NOW = 1_800_000_000;

it("a card has who brought what is there, the whole reason of a hold and what keeps the next one back, and no empty lines", () => {
  const board = readBoard({
    rev: 1,
    at: "2027-01-15T08:00:00Z",
    project: "shop",
    freight: [
      { name: "f1", alias: "calm-otter", artifacts: [["image", "web", "1.4.2"]] },
      { name: "f2", alias: "wise-heron", artifacts: [["image", "web", "1.5.0"]] },
    ],
    stages: [{ name: "test", freight: ["f1"], since: NOW - 7200, actor: "email:ana@example.com", hold: ["email:ben@example.com", NOW - 3600, "charges twice"], next: "f2", blocker: ["soaked"] }, { name: "prod" }],
  });
  const [test, prod] = board.stages;
  if (test === undefined || prod === undefined) throw new Error("both are there");
  const facts = new Map(factsOf(board, test, NOW));
  expect(facts.get("holds")).toBe("web 1.4.2");
  expect(facts.get("since")).toContain("2 h");
  expect(facts.get("since")).toContain("ana@example.com");
  expect(facts.get("held")).toContain("charges twice");
  expect([...facts.keys()]).not.toContain("because");
  const known = new Map(factsOf(board, test, NOW, { promotion: "test.01", reason: "the new terms of the bank", commits: [{ text: "1a2b3c4", url: "" }, { text: "5d6e7f8", url: "" }] }));
  expect([known.get("because"), known.get("commit")]).toEqual(["the new terms of the bank", "1a2b3c4, 5d6e7f8"]);
  expect(facts.get("next")).toBe("wise-heron: soaks upstream");
  expect([...new Map(factsOf(board, prod, NOW)).keys()]).not.toContain("holds");
});
