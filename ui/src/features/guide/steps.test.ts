import { describe, expect, it } from "vitest";
import { guidedProject, stepAt, type Place } from "./steps.ts";

const nowhere: Place = { project: undefined, freight: undefined, move: undefined, made: undefined };
const here = { ...nowhere, project: "shop" };

describe("the guided first move", () => {
  it("is where a Project asks for it alone", () => {
    const of = (labels: Record<string, string>) => guidedProject({ rev: 1, at: "", projects: [{ name: "a" }, { name: "shop", labels }] });
    expect([of({ "towpath.dev/guide": "first-move" }), of({ team: "a" }), guidedProject(null)]).toEqual(["shop", undefined, undefined]);
  });

  it.each<[Place, number | undefined]>([
    [nowhere, 1],
    [here, 2],
    [{ ...here, freight: "calm-otter" }, 3],
    [{ ...here, freight: "calm-otter", move: "promote" }, 4],
    [{ ...here, move: "promote", made: "p" }, 5],
    [{ ...here, project: "another" }, undefined],
  ])("%j", (place, number) => {
    expect(stepAt("shop", place)?.number).toBe(number);
  });
});
