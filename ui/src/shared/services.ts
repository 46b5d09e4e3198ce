/** What screens work with, handed down from the root: tests hand down their own. */
import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { Api } from "./api/client.ts";
import type { Announcer } from "./announce/announcer.ts";
import type { Session, SessionState } from "./session/session.ts";
import type { Held } from "./stream/held.ts";
import type { DocumentHub } from "./stream/hub.ts";
import type { Liveness } from "./stream/liveness.ts";
import type { Clock } from "./time/clock.ts";
import type { ServerClock } from "./time/serverClock.ts";

export interface Services {
  readonly api: Api;
  readonly hub: DocumentHub;
  readonly session: Session;
  readonly clock: Clock;
  readonly serverClock: ServerClock;
  readonly announcer: Announcer;
}

const Context = createContext<Services | null>(null);
export const ServicesProvider = Context.Provider;

export function useServices(): Services {
  const found = useContext(Context);
  if (found === null) throw new Error("there is no <ServicesProvider> above this component");
  return found;
}

export interface Shown<Document> {
  readonly document: Document | null;
  readonly error: unknown;
  readonly isAsked: boolean;
  readonly retry: () => void;
}

/** A document that the stream keeps right, such as `overview` or `board:PROJECT`; see shared/stream/topics.ts. */
export function useDocument<Document>(topic: string): Shown<Document> {
  const { hub } = useServices();
  useEffect(() => hub.show(topic), [hub, topic]);
  const held: Held = useSyncExternalStore(hub.subscribe, () => hub.get(topic));
  const retry = useCallback(() => hub.refresh(topic), [hub, topic]);
  return { ...held, document: held.document as Document | null, retry };
}

export function useLiveness(): Liveness {
  const { hub } = useServices();
  return useSyncExternalStore(hub.subscribe, hub.live);
}

export function useSession(): SessionState {
  const { session } = useServices();
  return useSyncExternalStore(session.subscribe, session.get);
}

/** The server's time in whole seconds, anew every so many: ages and countdowns are drawn from it. */
export function useNow(everySeconds = 10): number {
  const { clock, serverClock } = useServices();
  const [now, setNow] = useState(() => Math.floor(serverClock.seconds()));
  useEffect(() => {
    let cancel: () => void = () => undefined;
    const tick = () => {
      setNow(Math.floor(serverClock.seconds()));
      cancel = clock.after(everySeconds * 1000, tick);
    };
    tick();
    const leave = serverClock.subscribe(() => setNow(Math.floor(serverClock.seconds())));
    return () => {
      cancel();
      leave();
    };
  }, [clock, serverClock, everySeconds]);
  return now;
}
