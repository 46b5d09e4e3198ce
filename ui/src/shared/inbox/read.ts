/** What waits for the caller, as docs/reference/asking.md tells of it. */
import type { Answer } from "../api/documents.ts";
import type { Meaning } from "../state/roles.ts";

interface WireItem {
  readonly kind: string;
  readonly project: string;
  readonly stage: string;
  readonly since?: number;
  readonly freight?: string;
  readonly promotion?: string;
  readonly msg?: string;
  readonly until?: number;
}

export interface WireInbox extends Answer {
  readonly items?: readonly WireItem[];
  readonly cursor?: string | null;
  /** The revision at which it was asked for: a later `rev` is a change that it does not have. */
  readonly asked?: number;
}

export interface InboxItem {
  readonly kind: string;
  readonly project: string;
  readonly stage: string;
  /** Seconds since 1970; 0: not known. */
  readonly since: number;
  readonly freight: string;
  readonly promotion: string;
  readonly message: string;
  /** When a hold ends by itself; 0: not by itself. */
  readonly until: number;
  readonly meaning: Meaning;
}

const KINDS: Readonly<Record<string, Meaning>> = {
  failed: { role: "fail", word: "Failed" },
  waits: { role: "wait", word: "Waits" },
  hold: { role: "held", word: "Held by you" },
  approve: { role: "wait", word: "Needs approval" },
};

const FIRST: readonly string[] = ["failed", "approve", "waits", "hold"];

/** The items, what failed first, then the oldest. */
export function readInbox(document: WireInbox): readonly InboxItem[] {
  const rank = (item: InboxItem) => (FIRST.includes(item.kind) ? FIRST.indexOf(item.kind) : FIRST.length);
  return (document.items ?? []).map(readItem).sort((a, b) => rank(a) - rank(b) || a.since - b.since);
}

function readItem(wire: WireItem): InboxItem {
  return {
    kind: wire.kind,
    project: wire.project,
    stage: wire.stage,
    since: wire.since ?? 0,
    freight: wire.freight ?? "",
    promotion: wire.promotion ?? "",
    message: wire.msg ?? "",
    until: wire.until ?? 0,
    meaning: (Object.hasOwn(KINDS, wire.kind) ? KINDS[wire.kind] : undefined) ?? { role: "none", word: wire.kind },
  };
}

/** How many there are at least, for the rail: `3`, `100+`. */
export function countWords(document: WireInbox | null): string {
  const count = document?.items?.length ?? 0;
  return count === 0 ? "" : `${count}${typeof document?.cursor === "string" ? "+" : ""}`;
}
