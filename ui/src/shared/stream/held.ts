/** What the hub holds for those who show it, and what it works with. */
import type { Clock } from "../time/clock.ts";
import type { Document } from "./patching.ts";
import type { Source, StreamListener } from "./source.ts";

export interface Held {
  /** Null until it came. What came stays when asking again fails. */
  readonly document: Document | null;
  readonly error: unknown;
  readonly isAsked: boolean;
}

export interface HubDoors {
  load(topic: string, signal: AbortSignal): Promise<Document>;
  source(listener: StreamListener): Source;
  readonly clock: Clock;
  /** Run something before the next frame. */
  frame(run: () => void): void;
  onServerTime(milliseconds: number): void;
}

/** Whether the same question may be answered a little later: the network, or a server that is on its way out or in. */
export function isPassing(error: unknown): boolean {
  const status = (error as { status?: unknown }).status;
  return typeof status !== "number" || status >= 500 || status === 429;
}
