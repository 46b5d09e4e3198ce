import { expect, it } from "vitest";
import { numberIn, plotOf, readRun } from "./measurements.ts";
import { currentOf, readStays, readVerifications, readWorld, sourcesOf } from "./read.ts";

it.each([
  ["12", 12],
  ["[0.994]", 0.994],
  ["-1.5e3", -1500],
  ["5 of 5 tries, the last HTTP 200, p95 4.09ms", null],
  ["[1, 2]", null],
  ['{"a": 1}', null],
  ["", null],
  ["NaN", null],
  ["0x10", null],
  ["1e999", null],
])("a value of %s is the number %s", (text, expected) => {
  expect(numberIn(text)).toBe(expected);
});

const run = (...values: unknown[]) =>
  readRun({
    spec: { metrics: [{ name: "latency", successCondition: "result < 2" }] },
    status: { metricResults: [{ name: "latency", phase: "Running", measurements: values.map((value, place) => ({ value, phase: "Successful", finishedAt: `1970-01-01T00:00:${10 * place}0Z`.replace("00Z", "0Z") })) }] },
  })[0]!;

it("plots numbers from the least to the most, and passes over text", () => {
  const plot = plotOf(run("1", "no JSON: <html>", "3").measurements, 100, 40);
  expect(plot).toMatchObject({ least: 1, most: 3 });
  expect(plot?.points.map(({ x, y }) => [x, y])).toEqual([[0, 40], [100, 0]]);
  expect(plotOf(run("1", "text").measurements, 100, 40)).toBeNull();
  expect(plotOf(run(2, 2).measurements, 100, 40)?.points.map(({ y }) => y)).toEqual([20, 20]);
});

it("shows values that are no JSON as they came, and cuts those that are long", () => {
  const { measurements, conditions } = run("<img src=x>", { a: [1] }, null, "x".repeat(9_000));
  expect(measurements.map((each) => each.text.length < 100 ? each.text : each.text.length)).toEqual(["<img src=x>", '{"a":[1]}', "", 501]);
  expect(conditions).toEqual(["succeeds: result < 2"]);
});

it("what is there is the stay of each origin that has not ended", () => {
  const stays = readStays({ items: [{ origin: "a", freight: "2", since: "1970-01-01T00:00:09Z" }, { origin: "b", freight: "3", since: "", until: null }, { origin: "a", freight: "1", since: "", until: "1970-01-01T00:00:09Z" }] });
  expect(currentOf(stays).map((each) => each.freight)).toEqual(["2", "3"]);
  expect(stays[0]?.since).toBe(9);
});

it("reads a Stage of which nothing is known", () => {
  expect(readWorld({ stage: "x" })).toMatchObject({ health: { word: "Unknown" }, applications: [], hooks: [], queue: [], looked: 0, connection: "" });
  expect(readVerifications({})).toEqual([]);
  expect(sourcesOf({ spec: { requestedFreight: [{}, { origin: { name: "web" }, sources: { direct: true, stages: ["a", "b"], requiredSoakTime: "2h" } }] } })).toEqual(["? from nowhere", "web straight from the Warehouse or from a, b, after 2h there"]);
});

it("never links to what is no address", () => {
  const { applications } = readWorld({ stage: "x", health: { applications: [{ name: "a", health: "Degraded", link: "javascript:alert(1)" }] } });
  expect(applications[0]).toMatchObject({ name: "a", link: "", health: { role: "fail" } });
});
