/** The list: its order, and what of it goes into a file. */
import { WORST_FIRST } from "@/shared/state/roles.ts";
import type { BoardInfo, StageInfo } from "./read.ts";
import { artifactsOf, versionOf } from "./words.ts";

const COLUMNS = ["order", "name", "state", "version", "since", "behind", "actor"] as const;
export type SortColumn = (typeof COLUMNS)[number];

export interface Sort {
  readonly column: SortColumn;
  readonly isDown: boolean;
}

/** An order as the address has it: `since`, or `-since` downwards. What is none is that of the board. */
export function readSort(text = ""): Sort {
  const isDown = text.startsWith("-");
  const column = COLUMNS.find((each) => each === text.slice(Number(isDown)));
  return column === undefined ? { column: "order", isDown: false } : { column, isDown };
}

/** The order after a press on a column's head: by it, and by the second press the other way round. */
export function pressedSort(was: Sort, column: SortColumn): string {
  return was.column === column && !was.isDown ? `-${column}` : column;
}

export function sorted(board: BoardInfo, column: SortColumn, isDown: boolean): readonly StageInfo[] {
  const first = (stage: StageInfo): string => {
    const [artifact] = artifactsOf(stage, board.freight);
    return artifact === undefined ? "" : versionOf(artifact);
  };
  const text = new Intl.Collator("en", { numeric: true }).compare;
  const order: Readonly<Record<SortColumn, (a: StageInfo, b: StageInfo) => number>> = {
    order: () => 0,
    name: (a, b) => text(a.name, b.name),
    state: (a, b) => WORST_FIRST.indexOf(a.meaning.role) - WORST_FIRST.indexOf(b.meaning.role),
    version: (a, b) => text(first(a), first(b)),
    since: (a, b) => b.since - a.since,
    behind: (a, b) => b.behind - a.behind,
    actor: (a, b) => text(a.actor, b.actor),
  };
  const found = [...board.stages].sort(order[column]);
  return isDown ? found.reverse() : found;
}

/** Rows for a spreadsheet. A text that one would take for a formula is kept a text. */
export function csv(board: BoardInfo, stages: readonly StageInfo[]): string {
  const head = ["stage", "state", "versions", "since", "by", "behind", "message"];
  const rows = stages.map((each) => [
    each.name,
    each.meaning.word,
    artifactsOf(each, board.freight).map(versionOf).join(" "),
    each.since > 0 ? new Date(each.since * 1000).toISOString() : "",
    each.actor,
    String(each.behind),
    each.message,
  ]);
  return [head, ...rows].map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}

function field(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
