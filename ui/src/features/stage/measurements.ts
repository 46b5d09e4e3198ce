/** Measurements of a verification, as points of a chart where they are numbers, and as text whatever they are. */
import { seconds } from "@/shared/api/paths.ts";
import { VERIFICATION, meaning, type Meaning } from "@/shared/state/roles.ts";

interface WireMeasurement {
  readonly phase?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly value?: unknown;
}

export interface WireRun {
  readonly spec?: { readonly metrics?: readonly { readonly name?: string; readonly successCondition?: string; readonly failureCondition?: string }[] };
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly metricResults?: readonly { readonly name?: string; readonly phase?: string; readonly message?: string; readonly measurements?: readonly WireMeasurement[] }[];
  };
}

export interface Measurement {
  readonly at: number;
  readonly meaning: Meaning;
  /** What was measured, as it came. */
  readonly text: string;
  readonly message: string;
  readonly number: number | null;
}

export interface Metric {
  readonly name: string;
  readonly meaning: Meaning;
  readonly message: string;
  readonly conditions: readonly string[];
  readonly measurements: readonly Measurement[];
}

const LONGEST = 500;

export function readRun(wire: WireRun): readonly Metric[] {
  return (wire.status?.metricResults ?? []).map((result) => {
    const asked = wire.spec?.metrics?.find((each) => each.name === result.name);
    return {
      name: result.name ?? "",
      meaning: meaning(VERIFICATION, result.phase),
      message: result.message ?? "",
      conditions: [asked?.successCondition ? `succeeds: ${asked.successCondition}` : "", asked?.failureCondition ? `fails: ${asked.failureCondition}` : ""].filter(Boolean),
      measurements: (result.measurements ?? []).map(readMeasurement),
    };
  });
}

function readMeasurement(wire: WireMeasurement): Measurement {
  const text = wire.value === undefined || wire.value === null ? "" : typeof wire.value === "string" ? wire.value : JSON.stringify(wire.value);
  return {
    at: seconds(wire.finishedAt ?? wire.startedAt),
    meaning: meaning(VERIFICATION, wire.phase),
    text: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text,
    message: wire.message ?? "",
    number: numberIn(text),
  };
}

/** The number that a value is, or that a list of one holds; null for anything else, such as text that is no JSON. */
export function numberIn(text: string): number | null {
  const inner = /^\s*\[\s*([^,\]]+)\s*\]\s*$/.exec(text)?.[1] ?? text;
  if (!/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(inner)) return null;
  const found = Number(inner);
  return Number.isFinite(found) ? found : null;
}

export interface Plot {
  readonly points: readonly { readonly x: number; readonly y: number; readonly measurement: Measurement }[];
  readonly least: number;
  readonly most: number;
}

/** Places in a box of so many pixels; null where fewer than two measurements are numbers. */
export function plotOf(measurements: readonly Measurement[], width: number, height: number): Plot | null {
  const numbers = measurements.filter((each) => each.number !== null);
  if (numbers.length < 2) return null;
  const values = numbers.map((each) => each.number ?? 0);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const [first, last] = [numbers[0]?.at ?? 0, numbers.at(-1)?.at ?? 0];
  const points = numbers.map((measurement, place) => ({
    x: last > first ? ((measurement.at - first) / (last - first)) * width : (place / (numbers.length - 1)) * width,
    // What does not change is a line in the middle.
    y: most > least ? height - (((measurement.number ?? 0) - least) / (most - least)) * height : height / 2,
    measurement,
  }));
  return { points, least, most };
}
