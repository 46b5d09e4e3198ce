/** Lines of the history, as docs/reference/asking.md tells of them. */
import type { Answer } from "@/shared/api/documents.ts";
import { PROMOTION, VERIFICATION, meaning, type Meaning } from "@/shared/state/roles.ts";

interface WireLine {
  readonly at: number;
  readonly project: string;
  readonly stage: string;
  readonly kind?: string;
  readonly freight?: string;
  readonly result?: string;
  readonly actor?: string;
  readonly reason?: string;
  readonly name?: string;
  readonly until?: number;
}

export interface WireHistory extends Answer {
  readonly items?: readonly WireLine[];
  readonly cursor?: string | null;
}

export interface HistoryLine {
  readonly id: string;
  readonly at: number;
  /** 0: goes on, or not told. */
  readonly until: number;
  readonly project: string;
  readonly stage: string;
  readonly kind: string;
  readonly freight: string;
  readonly meaning: Meaning;
  readonly actor: string;
  readonly reason: string;
  readonly name: string;
}

export function readHistory(document: WireHistory): readonly HistoryLine[] {
  return (document.items ?? []).map((wire, place) => ({
    id: `${wire.name ?? ""}/${wire.at}/${place}`,
    at: wire.at,
    until: wire.until ?? 0,
    project: wire.project,
    stage: wire.stage,
    kind: wire.kind ?? "promotion",
    freight: wire.freight ?? "",
    meaning: meaningOf(wire),
    actor: wire.actor ?? "",
    reason: wire.reason ?? "",
    name: wire.name ?? "",
  }));
}

function meaningOf({ kind, result, until }: WireLine): Meaning {
  if (kind === "approval") return until === undefined ? { role: "ok", word: "Approved" } : { role: "none", word: "Approval ended" };
  if (kind === "verification") return meaning(VERIFICATION, result);
  return meaning(PROMOTION, result === undefined || result === "" ? "Pending" : result);
}

export interface HistorySearch {
  readonly project?: string;
  readonly stage?: string;
  readonly freight?: string;
  readonly actor?: string;
  readonly kind?: string;
  readonly result?: string;
  readonly from?: string;
  readonly to?: string;
}

export const FILTERS = ["project", "stage", "freight", "actor", "kind", "result", "from", "to"] as const;

/** What of an address is a filter; what is not known is left out. */
export function readHistorySearch(search: Record<string, unknown>): HistorySearch {
  return Object.fromEntries(
    FILTERS.flatMap((name) => {
      const value = search[name];
      return (typeof value === "string" || typeof value === "number") && value !== "" ? [[name, String(value)]] : [];
    }),
  );
}

/** What the server is asked. A day alone is the browser's own day, whole: `to` is its end. */
export function filtersOf(search: HistorySearch): Readonly<Record<string, string>> {
  const day = (text: string, later: number) => {
    const found = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00`) : null;
    if (found === null || Number.isNaN(found.getTime())) return text;
    found.setDate(found.getDate() + later);
    return String(Math.floor(found.getTime() / 1000));
  };
  const { from, to, ...others } = search;
  return { ...others, ...(from === undefined ? {} : { from: day(from, 0) }), ...(to === undefined ? {} : { to: day(to, 1) }) };
}
