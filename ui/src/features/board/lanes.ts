/** Lanes: the Freight of each Warehouse, with what each brought, who holds it, and the unused folded away. */
import type { BoardInfo, FreightInfo } from "./read.ts";
import { versionOf } from "./words.ts";

export type LaneItem =
  | {
      readonly kind: "freight";
      readonly freight: FreightInfo;
      /** Columns that hold it. */
      readonly holders: readonly number[];
      /** Places of the artifacts that differ from the Freight before it: what it brought. */
      readonly fresh: ReadonlySet<number>;
    }
  | { readonly kind: "unused"; readonly freight: readonly FreightInfo[] };

export interface Lane {
  readonly name: string;
  readonly next: number;
  readonly error: string;
  /** The newest first, runs of unused ones folded. */
  readonly items: readonly LaneItem[];
  readonly all: readonly LaneItem[];
}

/** So many of the newest are shown though nothing holds them: they are what comes next. */
const NEWEST_SHOWN = 3;
const SMALLEST_FOLD = 2;

export function lanesOf(board: BoardInfo): readonly Lane[] {
  const holders = new Map<string, number[]>();
  for (const stage of board.stages) {
    for (const name of stage.freight) {
      const there = holders.get(name) ?? [];
      if (!there.includes(stage.col)) there.push(stage.col);
      holders.set(name, there.sort((a, b) => a - b));
    }
  }
  const names = [...new Set([...board.lanes.map((each) => each.name), ...[...board.freight.values()].map((each) => each.warehouse)])];
  return names.map((name) => {
    const there = [...board.freight.values()].filter((each) => each.warehouse === name).sort((a, b) => b.time - a.time);
    const all = there.map((freight, place): LaneItem & { kind: "freight" } => ({
      kind: "freight",
      freight,
      holders: holders.get(freight.name) ?? [],
      fresh: differing(freight, there[place + 1]),
    }));
    const lane = board.lanes.find((each) => each.name === name);
    return { name, next: lane?.next ?? 0, error: lane?.error ?? "", all, items: folded(all) };
  });
}

function differing(freight: FreightInfo, before: FreightInfo | undefined): ReadonlySet<number> {
  if (before === undefined) return new Set();
  const versions = new Map(before.artifacts.map((each) => [`${each[0]} ${each[1]}`, versionOf(each)]));
  return new Set(freight.artifacts.flatMap((each, place) => (versions.get(`${each[0]} ${each[1]}`) === versionOf(each) ? [] : [place])));
}

function folded(items: readonly (LaneItem & { kind: "freight" })[]): readonly LaneItem[] {
  const shown: LaneItem[] = [];
  let run: (LaneItem & { kind: "freight" })[] = [];
  const end = () => {
    if (run.length >= SMALLEST_FOLD) shown.push({ kind: "unused", freight: run.map((each) => each.freight) });
    else shown.push(...run);
    run = [];
  };
  items.forEach((item, place) => {
    if (item.holders.length > 0 || place < NEWEST_SHOWN) {
      end();
      shown.push(item);
    } else {
      run.push(item);
    }
  });
  end();
  return shown;
}
