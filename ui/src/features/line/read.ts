/** What the server says of a Project's line (docs/reference/board.md), and what the sheet makes of it: it decides nothing itself. */
import type { WireLine } from "@/shared/api/documents.ts";

/** Characters that the server takes of a reason. */
export const MOST_REASON = 1024;

export type LineHold = WireLine["holds"][number];

/** The stop that was made last; null: no Stage is held by one. */
export function lastStop(line: WireLine): LineHold | null {
  return line.holds.filter((each) => each.stop).reduce<LineHold | null>((last, each) => (last === null || each.since > last.since ? each : last), null);
}

/** Holds of what is left as it is that end by themselves, the first to end first. */
export function ending(line: WireLine): readonly LineHold[] {
  const held = new Set([...line.held, ...line.partly]);
  return line.holds.filter((each) => each.until > 0 && held.has(each.stage)).sort((a, b) => a.until - b.until);
}

export const count = (stages: readonly unknown[]): string => `${stages.length} ${stages.length === 1 ? "Stage" : "Stages"}`;
