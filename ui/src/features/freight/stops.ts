/** The Stages that a Freight passes, in the order of the board's columns. */
import type { WireBoard } from "@/shared/api/documents.ts";
import type { Lens, LensCell } from "@/shared/lens/lens.ts";

export interface Stop {
  readonly stage: string;
  readonly state: string;
  readonly cell: LensCell;
}

/** Stages that it is not for are left out; those that only control the flow are no stops. */
export function journeyOf(board: WireBoard, lens: Lens): readonly Stop[] {
  const place = new Map((board.stages ?? []).map((each) => [each.name, each] as const));
  return [...lens]
    .filter(([stage, { state }]) => state !== "no" && place.get(stage)?.flow !== true)
    .sort(([a], [b]) => {
      const [one, two] = [place.get(a), place.get(b)];
      return (one?.col ?? 0) - (two?.col ?? 0) || (one?.row ?? 0) - (two?.row ?? 0) || (one?.ord ?? 0) - (two?.ord ?? 0) || a.localeCompare(b);
    })
    .map(([stage, cell]) => ({ stage, state: cell.state, cell }));
}
