/** A board as it was: what is known while one looks at it, and how moments stand in addresses. */
import { createContext, useContext } from "react";
import { ServerClock } from "@/shared/time/serverClock.ts";
import type { Clock } from "@/shared/time/clock.ts";

export interface Past {
  /** Seconds since 1970. */
  readonly at: number;
  /** Stages that hold something else now. */
  readonly others: ReadonlySet<string>;
}

const Context = createContext<Past | null>(null);
export const PastProvider = Context.Provider;

/** Null where the board is as it is now: only then something can be done with it. */
export const usePast = (): Past | null => useContext(Context);

/** A clock that stands still: ages are those that they had then. */
export function standing(at: number): ServerClock {
  const clock: Clock = { now: () => at * 1000, after: () => () => undefined };
  return new ServerClock(clock);
}

/** A moment of an address, in seconds since 1970; undefined for what is none. */
export function readMoment(text: string | undefined): number | undefined {
  const found = Date.parse(text ?? "");
  return Number.isNaN(found) ? undefined : Math.floor(found / 1000);
}

/** A moment as addresses and the server have it: `2026-11-24T14:10:00Z`. */
export const written = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");

export const SPANS = [
  ["1 h", 3_600],
  ["1 d", 86_400],
  ["7 d", 604_800],
  ["30 d", 2_592_000],
] as const;

/** So many places has the bar of a span, each a whole number of seconds long. */
export const PLACES = 240;

/** Where a bar of a span ends: at the next whole place, so that it does not move with every second. */
export function barOf(span: number, now: number): { readonly from: number; readonly until: number; readonly step: number } {
  const step = span / PLACES;
  const until = Math.ceil(now / step) * step;
  return { from: until - span, until, step };
}
