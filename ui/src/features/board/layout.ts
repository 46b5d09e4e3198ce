/** Where everything on the board stands: rows of lines, lines of places. Pure: it knows numbers, not elements. */
import type { BoardInfo, StageInfo } from "./read.ts";

export const ROW_HEIGHT = 80;
/** Of whoever wants to see more at once: two lines in the place of three. */
export const COMPACT_HEIGHT = 48;
export const GAP = 8;
/** Columns share the room there is, between these. */
export const COLUMN_WIDTH = 212;
export const WIDEST_COLUMN = 320;
/** As narrow as `until Tue 14:10` lets it be. */
export const FLOW_WIDTH = 96;
export const ROW_TITLE_WIDTH = 132;
/** So many siblings are shown at once; more fold into one cell. */
export const FOLDED_FROM = 4;

export type Place =
  | { readonly kind: "stage"; readonly stage: StageInfo; readonly col: number; readonly line: number; readonly isInFan: boolean }
  | { readonly kind: "fan"; readonly key: string; readonly stages: readonly StageInfo[]; readonly isOpen: boolean; readonly col: number; readonly line: number };

export interface BoardRow {
  readonly index: number;
  readonly title: string;
  readonly places: readonly Place[];
  readonly lines: number;
  readonly height: number;
}

export interface ColumnPlace {
  readonly title: string;
  readonly left: number;
  readonly width: number;
  readonly isFlow: boolean;
}

export interface Layout {
  readonly rows: readonly BoardRow[];
  readonly columns: readonly ColumnPlace[];
  readonly width: number;
  /** How high a cell is. */
  readonly cell: number;
}

/** Beside the columns: the rail and a scroll bar. */
export const AROUND = 84;

export const fanKey = (row: number, col: number): string => `${row}/${col}`;

/** `toggled`: fans that somebody opened. `room`: how wide all of it may be before it scrolls. `cell`: how high a cell is. */
export function layOut(board: BoardInfo, toggled: ReadonlySet<string>, room = 0, cell = ROW_HEIGHT): Layout {
  const columns = layOutColumns(board, room);
  const byRow = new Map<number, StageInfo[]>();
  for (const stage of board.stages) byRow.set(stage.row, [...(byRow.get(stage.row) ?? []), stage]);
  const rows = [...byRow.keys()]
    .sort((a, b) => a - b)
    .map((index) => layOutRow(index, board.rows[index] ?? "", byRow.get(index) ?? [], toggled, cell));
  const last = columns.at(-1);
  return { rows, columns, width: last === undefined ? ROW_TITLE_WIDTH : last.left + last.width + GAP, cell };
}

function layOutColumns(board: BoardInfo, room: number): readonly ColumnPlace[] {
  const count = Math.max(board.columns.length, ...board.stages.map((each) => each.col + 1), 0);
  const areFlow = Array.from({ length: count }, (_, col) => {
    const there = board.stages.filter((each) => each.col === col);
    return there.length > 0 && there.every((each) => each.isFlow);
  });
  const wide = areFlow.filter((each) => !each).length;
  const left0 = ROW_TITLE_WIDTH + (count - wide) * (FLOW_WIDTH + GAP * 2);
  const fair = Math.floor((room - left0) / Math.max(1, wide)) - GAP * 2;
  const wideWidth = Math.min(WIDEST_COLUMN, Math.max(COLUMN_WIDTH, fair));
  const placed: ColumnPlace[] = [];
  let left = ROW_TITLE_WIDTH;
  for (const [col, isFlow] of areFlow.entries()) {
    const width = isFlow ? FLOW_WIDTH : wideWidth;
    placed.push({ title: board.columns[col]?.title ?? "", left, width, isFlow });
    left += width + GAP * 2;
  }
  return placed;
}

function layOutRow(index: number, title: string, stages: readonly StageInfo[], toggled: ReadonlySet<string>, cell: number): BoardRow {
  const byColumn = new Map<number, StageInfo[]>();
  for (const stage of stages) byColumn.set(stage.col, [...(byColumn.get(stage.col) ?? []), stage]);
  const places = [...byColumn].flatMap(([col, there]) => layOutFan(index, col, there, toggled));
  const lines = Math.max(1, ...places.map((each) => each.line + 1));
  return { index, title, places, lines, height: lines * (cell + GAP) + GAP };
}

function layOutFan(row: number, col: number, stages: readonly StageInfo[], toggled: ReadonlySet<string>): readonly Place[] {
  const isFan = stages.length > FOLDED_FROM;
  const key = fanKey(row, col);
  const isOpen = toggled.has(key);
  const shown = isFan && !isOpen ? [] : stages;
  const head: Place[] = isFan ? [{ kind: "fan", key, stages, isOpen, col, line: 0 }] : [];
  return [...head, ...shown.map((stage, place): Place => ({ kind: "stage", stage, col, line: place + head.length, isInFan: isFan }))];
}

export interface Spot {
  readonly row: number;
  readonly col: number;
  readonly line: number;
}

/** A name for each place, by which focus is kept while the board changes. */
export function placeId(row: BoardRow, place: Place): string {
  return place.kind === "fan" ? `fan:${row.index}/${place.col}` : `stage:${place.stage.name}`;
}

export type Direction = "left" | "right" | "up" | "down" | "home" | "end" | "first" | "last";

/** The place that an arrow key leads to; the same one at an edge. Rows are counted as they are shown. */
export function moved(layout: Layout, from: Spot, direction: Direction): Spot {
  const spots = layout.rows.flatMap((row, at) => row.places.map((each): Spot => ({ row: at, col: each.col, line: each.line })));
  if (spots.length === 0) return from;
  const inLine = (row: number, line: number) => spots.filter((each) => each.row === row && each.line === line).sort((a, b) => a.col - b.col);
  const inColumn = spots.filter((each) => each.col === from.col).sort(byDepth);
  switch (direction) {
    case "left":
    case "right": {
      const step = direction === "left" ? -1 : 1;
      const beside = spots.filter((each) => each.row === from.row && Math.sign(each.col - from.col) === step);
      return beside.sort((a, b) => Math.abs(a.col - from.col) - Math.abs(b.col - from.col) || Math.abs(a.line - from.line) - Math.abs(b.line - from.line))[0] ?? from;
    }
    case "up":
      return inColumn.filter((each) => byDepth(each, from) < 0).at(-1) ?? rowBeside(spots, from, -1);
    case "down":
      return inColumn.find((each) => byDepth(each, from) > 0) ?? rowBeside(spots, from, 1);
    case "home":
      return inLine(from.row, from.line)[0] ?? from;
    case "end":
      return inLine(from.row, from.line).at(-1) ?? from;
    case "first":
      return [...spots].sort(byDepth)[0] ?? from;
    case "last":
      return [...spots].sort(byDepth).at(-1) ?? from;
  }
}

const byDepth = (a: Spot, b: Spot): number => a.row - b.row || a.line - b.line || a.col - b.col;

/** Where a column has nothing further, the nearest place of the next row. */
function rowBeside(spots: readonly Spot[], from: Spot, step: number): Spot {
  const further = spots.filter((each) => (each.row - from.row) * step > 0);
  if (further.length === 0) return from;
  const row = step > 0 ? Math.min(...further.map((each) => each.row)) : Math.max(...further.map((each) => each.row));
  return further.filter((each) => each.row === row).sort((a, b) => Math.abs(a.col - from.col) - Math.abs(b.col - from.col))[0] ?? from;
}
