import { expect, it } from "vitest";
import type { WireBoard, WireStage } from "@/shared/api/documents.ts";
import { AT_ONCE, MOST_SAID, batches, isStop, lineOf, reasonOf, saidOf } from "./read.ts";

const JO = "email:jo@example.com";
const boardOf = (stages: readonly WireStage[], may = ["promote", "hold"]): WireBoard => ({ rev: 1, at: "2026-11-29T15:00:00Z", project: "shop", may, stages });
const stage = (name: string, more: Partial<WireStage> = {}): WireStage => ({ name, auto: true, freight: ["f1"], ...more });

it("holds what comes by itself, is there, and may be held; the others are told of with the reason", () => {
  const line = lineOf(
    boardOf([
      stage("test"),
      stage("uat", { queued: 2 }),
      stage("flow", { flow: true, freight: [] }),
      stage("manual", { auto: false }),
      stage("held", { hold: [JO, 5, "Line stoppedish", 900] }),
      stage("stopped", { hold: [JO, 6, "Line stopped: fire"] }),
      stage("foreign", { may: ["approve"] }),
      stage("new", { freight: [] }),
      { name: "odd", phase: "Unreadable" },
      stage("gone", { gone: true }),
      stage("busy", { auto: false, phase: "Promoting", promotion: "busy.01" }),
    ]),
  );
  expect(line.toHold).toEqual(["test", "uat"]);
  expect(line.held).toEqual([
    { name: "held", actor: JO, since: 5, reason: "Line stoppedish", until: 900 },
    { name: "stopped", actor: JO, since: 6, reason: "Line stopped: fire", until: 0 },
  ]);
  expect([line.manual, line.forbidden, line.empty, line.unreadable]).toEqual([["manual", "busy"], ["foreign"], ["new"], ["odd"]]);
  expect(line.running).toEqual([
    { name: "uat", promotion: "", queued: 2 },
    { name: "busy", promotion: "busy.01", queued: 0 },
  ]);
  expect(line.toResume).toEqual(["stopped"]);
});

it("holds whole what somebody may hold of one Warehouse alone, unless a stop holds it", () => {
  const both = { freight: ["f1", "f2"] };
  const line = lineOf(boardOf([stage("part", { ...both, hold: [JO, 5] }), stage("whole", { ...both, hold: [JO, 5, "Line stopped"] })]));
  expect([line.toHold, line.partly, line.held.map((each) => each.name)]).toEqual([["part"], ["part"], ["whole"]]);
});

it("lets nobody resume what they may not", () => {
  const line = lineOf(boardOf([stage("a", { hold: [JO, 5, "Line stopped"], may: [] }), stage("b", { hold: [JO, 5, "Line stopped"] })]));
  expect([line.stopped.length, line.toResume]).toEqual([2, ["b"]]);
});

it("is known again by its reason, which the server takes however long it is", () => {
  for (const said of ["", "  ", "incident 4711", "x".repeat(MOST_SAID)]) {
    expect(isStop(reasonOf(said))).toBe(true);
    expect(saidOf(reasonOf(said))).toBe(said.trim());
    expect(reasonOf(said).length).toBeLessThanOrEqual(1024);
  }
});

it("goes in as many calls as are needed, with each Stage once", () => {
  const names = Array.from({ length: 2 * AT_ONCE + 1 }, (_, place) => `s${place}`);
  expect(batches(names).map((each) => each.length)).toEqual([AT_ONCE, AT_ONCE, 1]);
  expect(batches(names).flat()).toEqual(names);
  expect(batches([])).toEqual([]);
});
