/** What stands in for a server on the page of components: answers that never change, and a stream that is always live. */
import { Announcer } from "@/shared/announce/announcer.ts";
import { createApi } from "@/shared/api/client.ts";
import type { Services } from "@/shared/services.ts";
import { Session } from "@/shared/session/session.ts";
import { DocumentHub } from "@/shared/stream/hub.ts";
import type { StreamListener } from "@/shared/stream/source.ts";
import { load } from "@/shared/stream/topics.ts";
import { systemClock } from "@/shared/time/clock.ts";
import { ServerClock } from "@/shared/time/serverClock.ts";

/** Often enough that nothing is ever stale. */
const BEAT = 10_000;

/** Services that answer from `answers`, by path without what follows `?`; what is not there is a 404. */
export function standIn(answers: Readonly<Record<string, unknown>>, isLive = true): Services {
  const clock = systemClock;
  const session = new Session();
  session.signedIn({ actor: "email:jo@example.com" }, { kind: "none" });
  const api = createApi({
    fetch: (asked) => Promise.resolve(answerOf(answers, asked)),
    base: "http://towpath.example/",
    credentials: () => ({ kind: "none" }),
    onSignedOut: () => undefined,
    onServerTime: () => undefined,
  });
  const hub = new DocumentHub({
    clock,
    load: (topic, signal) => load(api, topic, signal),
    source: (listener) => sourceOf(listener, isLive),
    frame: (run) => void clock.after(0, run),
    onServerTime: () => undefined,
  });
  hub.open();
  return { api, hub, session, clock, serverClock: new ServerClock(clock), announcer: new Announcer(clock) };
}

function answerOf(answers: Readonly<Record<string, unknown>>, asked: RequestInfo | URL): Response {
  const address = new URL(asked instanceof Request ? asked.url : asked);
  const found = answers[address.pathname.slice(1)];
  const said = found ?? { message: `there is no ${address.pathname}` };
  return new Response(JSON.stringify(said), { status: found === undefined ? 404 : 200, headers: { "Content-Type": "application/json" } });
}

function sourceOf(listener: StreamListener, isLive: boolean) {
  let cancel: () => void = () => undefined;
  const beat = () => {
    listener.connected(true);
    listener.heard();
    cancel = systemClock.after(BEAT, beat);
  };
  // The hub listens once it is made.
  if (isLive) cancel = systemClock.after(0, beat);
  return { want: () => undefined, retry: () => undefined, close: () => cancel() };
}
