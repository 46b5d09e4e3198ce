/** One stream to the server: opened, read, opened again where it broke, and asked for in pieces where a proxy holds it back. */
import type { Clock } from "../time/clock.ts";
import type { Patch } from "./patching.ts";
import type { Source, StreamListener, Wants } from "./source.ts";
import { EventReader, type ServerEvent } from "./sse.ts";

export interface ConnectionDoors {
  open(path: string, signal: AbortSignal, headers?: Readonly<Record<string, string>>): Promise<ReadableStream<Uint8Array>>;
  get<Document>(path: string, signal?: AbortSignal): Promise<Document>;
  readonly clock: Clock;
  /** From 0 to 1: many browsers do not come back in the same moment. */
  readonly random: () => number;
}

export const FIRST_RETRY = 400;
export const LONGEST_RETRY = 2_000;
/** The first bytes come at once; where they do not, something in between keeps them. */
export const FIRST_BYTES_WITHIN = 8_000;
/** A stream that has gone quiet for so long is dead, whatever the network says. */
export const QUIET_WITHIN = 22_000;
const HELD_BACK_TIMES = 2;
const POLL_SECONDS = 25;
/** After so many answers in pieces the stream is tried again. */
const POLLS_BEFORE_STREAM = 12;

/** What is asked for where nothing is shown: a stream has a topic, and beats. */
const BEATS_ALONE = "inbox";

interface Changes {
  readonly rev: number;
  readonly at: string;
  readonly patches?: readonly Patch[];
  readonly reset?: readonly string[];
}

export class StreamConnection implements Source {
  #topics: readonly string[] = [];
  #after = 0;
  #isWanted = false;
  #running: AbortController | null = null;
  #cancelRetry: (() => void) | null = null;
  #failures = 0;
  #heldBack = 0;
  #polls = 0;

  constructor(
    private readonly doors: ConnectionDoors,
    private readonly listener: StreamListener,
  ) {}

  want(wants: Wants): void {
    const topics = [...wants.keys()].sort();
    if (this.#isWanted && topics.join() === this.#topics.join()) return;
    // What was told of already is known up to #after: only what is new can reach further back.
    const fresh = topics.filter((topic) => !this.#topics.includes(topic)).map((topic) => wants.get(topic) ?? 0);
    const known = this.#topics.length > 0 || fresh.length === 0 ? [this.#after] : [];
    this.#after = Math.min(...known, ...fresh);
    this.#topics = topics;
    this.#isWanted = true;
    this.#start();
  }

  retry(): void {
    this.#failures = 0;
    this.#start();
  }

  close(): void {
    this.#running?.abort();
    this.#running = null;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  #start(): void {
    this.close();
    const controller = new AbortController();
    this.#running = controller;
    void this.#run(controller);
  }

  async #run(controller: AbortController): Promise<void> {
    const { signal } = controller;
    try {
      if (this.#heldBack >= HELD_BACK_TIMES) await this.#poll(signal);
      else await this.#stream(controller);
    } catch {
      this.#failures += 1;
    }
    if (this.#running !== controller) return;
    this.#running = null;
    this.listener.connected(false);
    const wait = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** Math.min(this.#failures, 5)) * (0.75 + this.doors.random() / 4);
    this.#cancelRetry = this.doors.clock.after(wait, () => this.#start());
  }

  async #stream(controller: AbortController): Promise<void> {
    const { clock } = this.doors;
    let hasBytes = false;
    let giveUp = clock.after(FIRST_BYTES_WITHIN, () => {
      this.#heldBack += 1;
      controller.abort();
    });
    try {
      const body = await this.doors.open(this.#path("stream"), controller.signal, { "Last-Event-ID": String(this.#after) });
      const reader = body.getReader();
      // A body need not end because its request was given up.
      controller.signal.addEventListener("abort", () => void reader.cancel().catch(() => undefined));
      const events = new EventReader();
      const decoder = new TextDecoder();
      for (;;) {
        const { done, value } = await reader.read();
        if (done || controller.signal.aborted) return;
        giveUp();
        giveUp = clock.after(QUIET_WITHIN, () => controller.abort());
        if (!hasBytes) {
          hasBytes = true;
          this.#failures = 0;
          this.#heldBack = 0;
          this.listener.connected(true);
        }
        this.#take(events.read(decoder.decode(value, { stream: true })));
      }
    } finally {
      giveUp();
    }
  }

  #take(events: readonly ServerEvent[]): void {
    this.listener.heard();
    // The id stands at the last patch of a change: until then they are of one revision that is not whole yet.
    const patches: Patch[] = [];
    let rev = 0;
    const hand = () => {
      if (patches.length > 0) this.listener.patches(patches.splice(0), rev);
    };
    for (const { event, data, id } of events) {
      const number = Number(id);
      if (Number.isSafeInteger(number) && number > 0) rev = number;
      if (event === "patch") {
        patches.push(JSON.parse(data) as Patch);
        this.#after = Math.max(this.#after, rev);
      } else if (event === "beat") {
        hand();
        const beat = JSON.parse(data) as { rev: number; at: string };
        this.#after = Math.max(this.#after, beat.rev);
        this.listener.beat(beat.rev, Date.parse(beat.at), this.#topics);
      } else if (event === "reset") {
        hand();
        this.listener.reset((JSON.parse(data) as { t: string }).t);
      }
    }
    hand();
  }

  async #poll(signal: AbortSignal): Promise<void> {
    for (;;) {
      const found = await this.doors.get<Changes>(`${this.#path("changes")}&wait=${POLL_SECONDS}`, signal);
      if (signal.aborted) return;
      this.#failures = 0;
      this.listener.connected(true);
      this.listener.heard();
      if (found.patches !== undefined && found.patches.length > 0) this.listener.patches(found.patches, found.rev);
      for (const topic of found.reset ?? []) this.listener.reset(topic);
      this.#after = Math.max(this.#after, found.rev);
      this.listener.beat(found.rev, Date.parse(found.at), this.#topics);
      this.#polls += 1;
      if (this.#polls % POLLS_BEFORE_STREAM === 0) {
        this.#heldBack = HELD_BACK_TIMES - 1;
        return;
      }
    }
  }

  #path(name: string): string {
    const query = new URLSearchParams({ topics: this.#topics.join(",") || BEATS_ALONE, after: String(this.#after) });
    return `towpath/v1/${name}?${query.toString()}`;
  }
}
