export interface WireAnswer {
  readonly targets?: readonly { readonly stage?: string; readonly result?: string; readonly error?: string }[];
}

/** What was refused of a move, in the server's words; "" where nothing was. */
export function refusal(answer: WireAnswer | null): string {
  const refused = (answer?.targets ?? []).filter((each) => each.result === "refused");
  return refused.map((each) => [each.stage, each.error ?? "it was refused"].filter(Boolean).join(": ")).join("\n");
}
