/** Edges of one Stage: from those before it and to those after it, as lines between the places where they stand. Pure. */
import type { BoardInfo } from "./read.ts";
import { GAP, type Layout } from "./layout.ts";

export interface Spot {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** Of an SVG, in the grid's own pixels. */
  readonly path: string;
}

/** Where each Stage stands; those of a fan that is shut stand where the fan does. `head`: how far down the first row begins. */
export function spotsOf(layout: Layout, head: number): ReadonlyMap<string, Spot> {
  const spots = new Map<string, Spot>();
  let top = head;
  for (const row of layout.rows) {
    for (const place of row.places) {
      const column = layout.columns[place.col];
      if (column === undefined) continue;
      const spot = { left: column.left, top: top + GAP + place.line * (layout.cell + GAP), width: column.width, height: layout.cell };
      if (place.kind === "stage") spots.set(place.stage.name, spot);
      else if (!place.isOpen) for (const stage of place.stages) spots.set(stage.name, spot);
    }
    top += row.height;
  }
  return spots;
}

/** All edges of a Stage, also those that skip columns and cross rows, which are drawn for it alone. */
export function edgesOf(board: BoardInfo, stage: string, spots: ReadonlyMap<string, Spot>): readonly Edge[] {
  const before = board.stages.find((each) => each.name === stage)?.up ?? [];
  const after = board.stages.filter((each) => each.up.includes(stage)).map((each) => each.name);
  const pairs = [...before.map((name) => [name, stage] as const), ...after.map((name) => [stage, name] as const)];
  return pairs.flatMap(([from, to]) => {
    const [a, b] = [spots.get(from), spots.get(to)];
    return a === undefined || b === undefined ? [] : [{ from, to, path: curve(a, b) }];
  });
}

function curve(a: Spot, b: Spot): string {
  const [x1, y1, x2, y2] = [a.left + a.width, a.top + a.height / 2, b.left, b.top + b.height / 2];
  const bend = Math.max(GAP, Math.abs(x2 - x1) / 2);
  return `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`;
}
