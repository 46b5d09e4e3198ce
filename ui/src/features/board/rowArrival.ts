import { arrival, type Lens } from "@/shared/lens/lens.ts";
import type { BoardRow } from "./layout.ts";

/** When the Freight could be at the end of a row: the first of its last Stages that it comes to. Empty where it is there, or never comes. */
export function rowArrival(row: BoardRow, lens: Lens, now: number): string {
  const stages = row.places.flatMap((each) => (each.kind === "stage" ? [each.stage] : each.stages));
  const last = Math.max(...stages.map((each) => each.col));
  const coming = stages
    .filter((each) => each.col === last)
    .flatMap((each) => lens.get(each.name) ?? [])
    .filter((each) => each.earliest > 0);
  const [first] = coming.sort((a, b) => a.earliest - b.earliest);
  return first === undefined ? "" : `there ${arrival(first, now)}`;
}
