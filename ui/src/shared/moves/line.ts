/** The sheet that stops a line, as the address has it: `?line=shop`, on whatever page; `?line=` asks for which Project. */
export const LINE = "line";

export interface LineSearch {
  /** The Project whose line it is; empty: not chosen yet. */
  readonly line?: string;
}

export function readLineSearch(search: Record<string, unknown>): LineSearch {
  const { line } = search;
  return typeof line === "string" || typeof line === "number" ? { line: String(line) } : {};
}
