/** What of a board is in its address: everything that somebody would send to a colleague. */
export type BoardView = "board" | "list";

export interface BoardSearch {
  /** The Freight that the lens shows, by name or alias. */
  readonly freight?: string;
  readonly view?: BoardView;
  /** The Stage whose "why" is open. */
  readonly why?: string;
  readonly q?: string;
}

export function readBoardSearch(search: Record<string, unknown>): BoardSearch {
  const text = (name: string): string | undefined => {
    const value = search[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  const [freight, why, q] = [text("freight"), text("why"), text("q")];
  return {
    ...(freight === undefined ? {} : { freight }),
    ...(search.view === "list" ? { view: "list" as const } : {}),
    ...(why === undefined ? {} : { why }),
    ...(q === undefined ? {} : { q }),
  };
}
