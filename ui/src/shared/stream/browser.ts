/** The doors of sharing in a browser: a channel between tabs, and a lock that one of them holds. */
import type { Clock } from "../time/clock.ts";
import { SharedSource, type Channel, type SharingDoors } from "./sharing.ts";
import type { Source, StreamListener } from "./source.ts";

const NAME = "towpath-stream";

/** A source that all tabs of one person share; null where the browser cannot. */
export function shared(connect: SharingDoors["connect"], listener: StreamListener, clock: Clock): Source | null {
  // Locks are there on HTTPS and on this computer alone.
  const locks = (navigator as { locks?: LockManager }).locks;
  if (locks === undefined || typeof BroadcastChannel === "undefined") return null;
  return new SharedSource({ channel: channel(), lead: (run, signal) => lead(locks, run, signal), connect, clock, tab: crypto.randomUUID() }, listener);
}

function channel(): Channel {
  const opened = new BroadcastChannel(NAME);
  return {
    post: (message) => opened.postMessage(message),
    onMessage: (run) => opened.addEventListener("message", (event: MessageEvent<unknown>) => run(event.data)),
    close: () => opened.close(),
  };
}

function lead(locks: LockManager, run: () => void, signal: AbortSignal): void {
  const held = () =>
    new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve());
      run();
    });
  locks.request(NAME, { signal }, held).catch(() => undefined);
}
