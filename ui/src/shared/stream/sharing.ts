/**
 * One stream for all tabs of a browser: over HTTP/1.1 a host is given six connections, and a stream in each tab takes them all.
 *
 * The tab that holds a lock opens the stream, for what all of them show, and hands on what it hears. When it goes, the lock goes
 * to another. A browser without locks or channels (a page that is not on HTTPS or this computer) has a stream for each tab.
 */
import type { Clock } from "../time/clock.ts";
import type { Patch } from "./patching.ts";
import type { Source, StreamListener, Wants } from "./source.ts";

type Message =
  | { readonly kind: "want"; readonly tab: string; readonly wants: readonly (readonly [string, number])[] }
  | { readonly kind: "leave"; readonly tab: string }
  | { readonly kind: "retry" }
  | { readonly kind: "lead" }
  | { readonly kind: "connected"; readonly is: boolean }
  | { readonly kind: "heard" }
  | { readonly kind: "beat"; readonly rev: number; readonly at: number; readonly topics: readonly string[] }
  | { readonly kind: "patches"; readonly patches: readonly Patch[]; readonly rev: number }
  | { readonly kind: "reset"; readonly topic: string };

export interface Channel {
  post(message: unknown): void;
  onMessage(run: (message: unknown) => void): void;
  close(): void;
}

export interface SharingDoors {
  readonly channel: Channel;
  /** Run something once this tab leads; it leads until `signal` is aborted or the tab is gone. */
  lead(run: () => void, signal: AbortSignal): void;
  connect(listener: StreamListener): Source;
  readonly clock: Clock;
  readonly tab: string;
}

export const RENEW = 5_000;
/** A tab that leads answers within this, or it hangs: until it is heard again each of the others has a stream of its own. */
export const SILENT = 15_000;
/** A tab that has not said what it shows for so long is gone. */
export const FORGET = 35_000;

export class SharedSource implements Source {
  readonly #wants = new Map<string, { wants: readonly (readonly [string, number])[]; at: number }>();
  readonly #closing = new AbortController();
  #connection: Source | null = null;
  #own: Wants = new Map();
  #isConnected = false;
  /** Instead of a leader that hangs, for this tab alone. */
  #standIn: Source | null = null;
  #leaderHeardAt: number;

  constructor(
    private readonly doors: SharingDoors,
    private readonly listener: StreamListener,
  ) {
    this.#leaderHeardAt = doors.clock.now();
    doors.channel.onMessage((message) => this.#onMessage(message as Message));
    doors.lead(() => this.#lead(), this.#closing.signal);
    this.#renew();
  }

  want(wants: Wants): void {
    this.#own = wants;
    this.#standIn?.want(wants);
    if (this.#connection !== null) this.#wantAll();
    else this.#say();
  }

  retry(): void {
    this.#standIn?.retry();
    if (this.#connection !== null) this.#connection.retry();
    else this.doors.channel.post({ kind: "retry" } satisfies Message);
  }

  close(): void {
    this.doors.channel.post({ kind: "leave", tab: this.doors.tab } satisfies Message);
    this.#closing.abort();
    this.#endStandIn();
    this.#connection?.close();
    this.doors.channel.close();
  }

  #lead(): void {
    if (this.#closing.signal.aborted) return;
    this.#endStandIn();
    const { channel } = this.doors;
    const post = (message: Message) => channel.post(message);
    this.#connection = this.doors.connect({
      connected: (is) => {
        this.#isConnected = is;
        post({ kind: "connected", is });
        this.listener.connected(is);
      },
      heard: () => {
        post({ kind: "heard" });
        this.listener.heard();
      },
      beat: (rev, at, topics) => {
        post({ kind: "beat", rev, at, topics });
        this.listener.beat(rev, at, topics);
      },
      patches: (patches, rev) => {
        post({ kind: "patches", patches, rev });
        this.listener.patches(patches, rev);
      },
      reset: (topic) => {
        post({ kind: "reset", topic });
        this.listener.reset(topic);
      },
    });
    post({ kind: "lead" });
    this.#wantAll();
  }

  #onMessage(message: Message): void {
    if (this.#connection !== null) this.#asLeader(message);
    else this.#asFollower(message);
  }

  #asLeader(message: Message): void {
    if (message.kind === "retry") this.#connection?.retry();
    if (message.kind === "leave" && this.#wants.delete(message.tab)) this.#wantAll();
    if (message.kind !== "want") return;
    this.#wants.set(message.tab, { wants: message.wants, at: this.doors.clock.now() });
    this.#wantAll();
    // The answer says as well that this tab does not hang.
    this.doors.channel.post({ kind: "connected", is: this.#isConnected } satisfies Message);
  }

  #asFollower(message: Message): void {
    const { listener } = this;
    if (message.kind === "want" || message.kind === "leave" || message.kind === "retry") return;
    this.#leaderHeardAt = this.doors.clock.now();
    this.#endStandIn();
    if (message.kind === "lead") this.#say();
    if (message.kind === "connected") {
      listener.connected(message.is);
      if (message.is) listener.heard();
    }
    if (message.kind === "heard") listener.heard();
    if (message.kind === "beat") listener.beat(message.rev, message.at, message.topics);
    if (message.kind === "patches") listener.patches(message.patches, message.rev);
    if (message.kind === "reset") listener.reset(message.topic);
  }

  #wantAll(): void {
    const now = this.doors.clock.now();
    for (const [tab, { at }] of this.#wants) if (now - at > FORGET) this.#wants.delete(tab);
    const all = new Map(this.#own);
    for (const { wants } of this.#wants.values()) {
      for (const [topic, known] of wants) all.set(topic, Math.min(known, all.get(topic) ?? known));
    }
    this.#connection?.want(all);
  }

  #say(): void {
    this.doors.channel.post({ kind: "want", tab: this.doors.tab, wants: [...this.#own] } satisfies Message);
  }

  #renew(): void {
    this.doors.clock.after(RENEW, () => {
      if (this.#closing.signal.aborted) return;
      if (this.#connection === null) {
        this.#say();
        if (this.doors.clock.now() - this.#leaderHeardAt > SILENT) this.#standAlone();
      } else this.#wantAll();
      this.#renew();
    });
  }

  /** Whoever leads holds the lock and says nothing: a tab that the browser has frozen, or one whose scripts hang. */
  #standAlone(): void {
    if (this.#standIn !== null) return;
    this.#standIn = this.doors.connect(this.listener);
    this.#standIn.want(this.#own);
  }

  #endStandIn(): void {
    this.#standIn?.close();
    this.#standIn = null;
  }
}
