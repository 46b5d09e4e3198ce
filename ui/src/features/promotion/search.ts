/** What of a Promotion's page is in its address: a line of what a step said, to send to a colleague. */
export interface PromotionSearch {
  readonly step?: string;
  /** From 1. */
  readonly line?: number;
}

export function readPromotionSearch(search: Record<string, unknown>): PromotionSearch {
  const { step, line } = search;
  const number = Number(line);
  return {
    ...(typeof step === "string" || typeof step === "number" ? { step: String(step) } : {}),
    ...(Number.isInteger(number) && number > 0 ? { line: number } : {}),
  };
}
