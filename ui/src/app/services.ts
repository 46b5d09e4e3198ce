/** The composition root: what everything is made of in a browser. */
import { createApi, type Api, type Credentials } from "@/shared/api/client.ts";
import { withEarly } from "@/shared/api/early.ts";
import { Announcer } from "@/shared/announce/announcer.ts";
import type { Services } from "@/shared/services.ts";
import { Session } from "@/shared/session/session.ts";
import { shared } from "@/shared/stream/browser.ts";
import { StreamConnection } from "@/shared/stream/connection.ts";
import { DocumentHub } from "@/shared/stream/hub.ts";
import type { Source, StreamListener, Wants } from "@/shared/stream/source.ts";
import { load } from "@/shared/stream/topics.ts";
import { systemClock } from "@/shared/time/clock.ts";
import { ServerClock } from "@/shared/time/serverClock.ts";

/** An API for credentials that are tried. */
export function apiWith(credentials: Credentials): Api {
  return createApi({
    fetch: (...given) => fetch(...given),
    base: document.baseURI,
    credentials: () => credentials,
    onSignedOut: () => undefined,
    onServerTime: () => undefined,
  });
}

export function makeServices(): Services {
  const clock = systemClock;
  const session = new Session();
  const serverClock = new ServerClock(clock);
  const api = createApi({
    fetch: withEarly((...given) => fetch(...given), window.towpathAsked, () => performance.now()),
    base: document.baseURI,
    credentials: session.credentials,
    onSignedOut: session.signedOut,
    onServerTime: serverClock.heard,
  });
  const connect = (listener: StreamListener) =>
    new StreamConnection(
      { open: (...given) => api.open(...given), get: (path, signal) => api.get(path, signal), clock, random: Math.random },
      listener,
    );
  const hub = new DocumentHub({
    clock,
    load: (topic, signal) => load(api, topic, signal),
    source: (listener) => new SessionSource(session, listener, connect),
    frame: (run) => {
      // A page that is not shown has no frames.
      if (document.hidden) setTimeout(run, 100);
      else requestAnimationFrame(run);
    },
    onServerTime: serverClock.heard,
  });
  const follow = () => {
    const state = session.get();
    // A browser's cookie may be of somebody: what is shown is asked for while that is found out.
    if (state.kind !== "out") hub.open();
    // Whoever signs out leaves nothing behind; whose session ends finds the page as it was.
    else hub.shut(!state.wasIn);
  };
  session.subscribe(follow);
  follow();
  document.addEventListener("visibilitychange", () => hub.hide(document.hidden));
  window.addEventListener("online", () => hub.refresh());
  return { api, hub, session, clock, serverClock, announcer: new Announcer(clock) };
}

/** There is a stream for whoever is signed in: shared by the tabs where the cookie says who, of this tab alone with a token. */
class SessionSource implements Source {
  #source: Source | null = null;
  #wants: Wants = new Map();

  constructor(
    private readonly session: Session,
    private readonly listener: StreamListener,
    private readonly connect: (listener: StreamListener) => Source,
  ) {
    session.subscribe(() => this.#change());
    this.#change();
  }

  want(wants: Wants): void {
    this.#wants = wants;
    this.#source?.want(wants);
  }

  retry(): void {
    this.#source?.retry();
  }

  close(): void {
    this.#source?.close();
    this.#source = null;
  }

  #change(): void {
    this.close();
    const { kind } = this.session.credentials();
    if (kind === "none") return;
    this.#source = (kind === "session" ? shared(this.connect, this.listener, systemClock) : null) ?? this.connect(this.listener);
    this.#source.want(this.#wants);
  }
}
