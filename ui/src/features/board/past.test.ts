import { expect, it } from "vitest";
import { PLACES, SPANS, barOf, readMoment, standing, written } from "./past.ts";

const NOW = 1_764_430_123;

it("a moment stands in an address as the server reads it, and what is none is none", () => {
  expect(readMoment(written(NOW))).toBe(NOW);
  expect(written(NOW)).toBe("2025-11-29T15:28:43Z");
  expect([readMoment("yesterday"), readMoment(""), readMoment(undefined)]).toEqual([undefined, undefined, undefined]);
});

it.each(SPANS)("a bar of %s has as many places, and stays where it is for as long as one lasts", (_, span) => {
  const { from, until, step } = barOf(span, NOW);
  expect(Number.isInteger(step)).toBe(true);
  expect((until - from) / step).toBe(PLACES);
  expect(until).toBeGreaterThanOrEqual(NOW);
  expect(barOf(span, until - 0.5).until).toBe(until);
});

it("a clock of the past stands still", () => {
  expect(standing(NOW).seconds()).toBe(NOW);
});
