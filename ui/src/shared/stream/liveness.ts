/** Whether what is on the screen can be acted on. */

export type LivenessState = "starting" | "live" | "reconnecting" | "stale";

export interface Liveness {
  readonly state: LivenessState;
  /** When the server was heard last (milliseconds, this computer's clock); null: never. */
  readonly heardAt: number | null;
  readonly mayAct: boolean;
}

/** Without a beat for so long what is shown is stale: the server sends one every ten seconds. */
export const STALE_AFTER = 25_000;
/** A connection that broke is reconnecting for so long before what is shown counts as stale. */
export const BROKEN_STALE_AFTER = 30_000;

export function liveness(now: number, startedAt: number, heardAt: number | null, isConnected: boolean): Liveness {
  const quiet = now - (heardAt ?? startedAt);
  const isStale = quiet >= (isConnected ? STALE_AFTER : BROKEN_STALE_AFTER);
  const state = isStale ? "stale" : isConnected && heardAt !== null ? "live" : heardAt === null ? "starting" : "reconnecting";
  return { state, heardAt, mayAct: state === "live" };
}
