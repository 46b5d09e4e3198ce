/** What of a board is in its address: everything that somebody would send to a colleague. */
import { readMoment } from "./past.ts";

export type BoardView = "board" | "list";

export interface BoardSearch {
  /** The Freight that the lens shows, by name or alias. */
  readonly freight?: string;
  readonly view?: BoardView;
  /** The Stage whose "why" is open. */
  readonly why?: string;
  readonly q?: string;
  /** The column that the list is sorted by, with `-` before it where it goes down. */
  readonly sort?: string;
  /** A moment: the board shows what was then. */
  readonly at?: string;
}

/** What of an address is for the moment, and no part of a view that is saved. */
export const PASSING = ["why"] as const;

export function readBoardSearch(search: Record<string, unknown>): BoardSearch {
  const text = (name: string): string | undefined => {
    const value = search[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  const [freight, why, q, sort, at] = [text("freight"), text("why"), text("q"), text("sort"), text("at")];
  return {
    ...(freight === undefined ? {} : { freight }),
    ...(search.view === "list" ? { view: "list" as const } : {}),
    ...(why === undefined ? {} : { why }),
    ...(q === undefined ? {} : { q }),
    ...(sort === undefined ? {} : { sort }),
    ...(readMoment(at) === undefined ? {} : { at: at ?? "" }),
  };
}
