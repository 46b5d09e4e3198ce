/** The documents that are shown, kept right by the stream: one hub in a page, whatever shows them. */
import { isPassing, type Held, type HubDoors } from "./held.ts";
import { liveness, type Liveness } from "./liveness.ts";
import { patched, type Patch } from "./patching.ts";
import type { Source, StreamListener } from "./source.ts";

interface Entry {
  held: Held;
  readers: number;
  pending: { patch: Patch; rev: number }[];
  flushed: number;
  /** The revision up to which all changes of it have come. */
  known: number;
  isScheduled: boolean;
  asking: AbortController | null;
  failures: number;
  leave: (() => void) | null;
}

const NOTHING: Held = { document: null, error: null, isAsked: false };
/** A cell changes at most four times a second. */
export const BETWEEN_FLUSHES = 250;
/** A document that nobody shows is kept for so long: going back to it shows it at once. */
export const KEPT_UNSHOWN = 60_000;
/** A page that is hidden for so long is told beats alone. */
export const HIDDEN_AFTER = 5_000;
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 15_000;

export class DocumentHub implements StreamListener {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  readonly #source: Source;
  readonly #startedAt: number;
  #heardAt: number | null = null;
  #isConnected = false;
  #liveness: Liveness;
  #isHidden = false;
  #isOpen = false;
  #cancelHiding: (() => void) | null = null;

  constructor(private readonly doors: HubDoors) {
    this.#startedAt = doors.clock.now();
    this.#liveness = liveness(this.#startedAt, this.#startedAt, null, false);
    this.#source = doors.source(this);
    this.#tick();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get = (topic: string): Held => this.#entries.get(topic)?.held ?? NOTHING;

  live = (): Liveness => this.#liveness;

  /** Have a document kept right for as long as it is shown; the answer ends that. */
  show(topic: string): () => void {
    const entry = this.#entry(topic);
    entry.readers += 1;
    entry.leave?.();
    entry.leave = null;
    if (this.#isOpen && entry.held.document === null && entry.asking === null) void this.#ask(topic, entry);
    return () => {
      entry.readers -= 1;
      if (entry.readers > 0) return;
      entry.leave = this.doors.clock.after(KEPT_UNSHOWN, () => {
        entry.asking?.abort();
        this.#entries.delete(topic);
        this.#want();
      });
    };
  }

  /** Ask for a document again, or for all; and for the stream, if it is waited for. */
  refresh(topic?: string): void {
    for (const [name, entry] of this.#entries) if (topic === undefined || name === topic) void this.#ask(name, entry);
    if (this.#liveness.state !== "live") this.#source.retry();
  }

  /** Somebody is signed in, or may be: ask for what is shown, unless it has been asked for since. */
  open(): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = true;
    for (const [topic, entry] of this.#entries) if (!wasOpen || (entry.held.document === null && entry.asking === null)) void this.#ask(topic, entry);
  }

  /** Nobody is: ask for nothing. What is shown stays; `forget` takes it away, because somebody else may come. */
  shut(forget: boolean): void {
    this.#isOpen = false;
    for (const entry of this.#entries.values()) {
      entry.asking?.abort();
      entry.asking = null;
      if (forget) Object.assign(entry, { held: NOTHING, pending: [] });
    }
    this.#tell();
  }

  hide(isHidden: boolean): void {
    this.#cancelHiding?.();
    this.#cancelHiding = null;
    const now = () => {
      if (this.#isHidden === isHidden) return;
      this.#isHidden = isHidden;
      this.#want();
    };
    if (isHidden) this.#cancelHiding = this.doors.clock.after(HIDDEN_AFTER, now);
    else now();
  }

  close(): void {
    this.#source.close();
  }

  connected(isConnected: boolean): void {
    const isBack = isConnected && !this.#isConnected;
    this.#isConnected = isConnected;
    if (isBack) for (const [topic, entry] of this.#entries) if (entry.held.error !== null) void this.#ask(topic, entry);
    this.#judge();
  }

  heard(): void {
    this.#heardAt = this.doors.clock.now();
    this.#judge();
  }

  beat(rev: number, at: number, topics: readonly string[]): void {
    if (!Number.isNaN(at)) this.doors.onServerTime(at);
    for (const topic of topics) {
      const entry = this.#entries.get(topic);
      if (entry !== undefined) entry.known = Math.max(entry.known, rev);
    }
    this.heard();
  }

  patches(patches: readonly Patch[], rev: number): void {
    for (const patch of patches) {
      const entry = this.#entries.get(patch.t);
      if (entry === undefined) continue;
      entry.pending.push({ patch, rev });
      this.#schedule(entry);
    }
  }

  reset(topic: string): void {
    const entry = this.#entries.get(topic);
    if (entry !== undefined) void this.#ask(topic, entry);
  }

  #entry(topic: string): Entry {
    const found = this.#entries.get(topic);
    if (found !== undefined) return found;
    const made: Entry = { held: NOTHING, readers: 0, pending: [], flushed: 0, known: 0, isScheduled: false, asking: null, failures: 0, leave: null };
    this.#entries.set(topic, made);
    return made;
  }

  async #ask(topic: string, entry: Entry): Promise<void> {
    entry.asking?.abort();
    if (!this.#isOpen) return;
    const asking = new AbortController();
    entry.asking = asking;
    entry.held = { ...entry.held, isAsked: true };
    this.#tell();
    try {
      const document = await this.doors.load(topic, asking.signal);
      if (entry.asking !== asking) return;
      entry.held = { document, error: null, isAsked: false };
      entry.failures = 0;
      entry.known = document.rev;
      this.#flush(entry);
      this.#want();
    } catch (error) {
      if (entry.asking !== asking || asking.signal.aborted) return;
      entry.held = { ...entry.held, error, isAsked: false };
      entry.failures += 1;
      if (isPassing(error)) this.doors.clock.after(Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** entry.failures), () => {
        if (this.#entries.get(topic) === entry && entry.held.error === error) void this.#ask(topic, entry);
      });
      this.#tell();
    }
    entry.asking = null;
  }

  #schedule(entry: Entry): void {
    if (entry.isScheduled || entry.held.document === null) return;
    entry.isScheduled = true;
    const run = () => {
      entry.isScheduled = false;
      this.#flush(entry);
    };
    const wait = entry.flushed + BETWEEN_FLUSHES - this.doors.clock.now();
    if (wait <= 0) this.doors.frame(run);
    else this.doors.clock.after(wait, run);
  }

  #flush(entry: Entry): void {
    const { document } = entry.held;
    if (document === null) return;
    const fresh = entry.pending.filter(({ rev }) => rev === 0 || rev > document.rev);
    entry.pending = [];
    if (fresh.length > 0) {
      entry.flushed = this.doors.clock.now();
      const rev = Math.max(...fresh.map((each) => each.rev));
      entry.held = { ...entry.held, document: patched(document, fresh.map((each) => each.patch), rev) };
    }
    this.#tell();
  }

  #want(): void {
    const loaded = [...this.#entries].filter(([, entry]) => entry.held.document !== null);
    this.#source.want(new Map(this.#isHidden ? [] : loaded.map(([topic, entry]) => [topic, entry.known])));
  }

  #tick(): void {
    this.doors.clock.after(1_000, () => {
      this.#judge();
      this.#tick();
    });
  }

  #judge(): void {
    const found = liveness(this.doors.clock.now(), this.#startedAt, this.#heardAt, this.#isConnected);
    const isSame = found.state === this.#liveness.state && (found.state === "live" || found.heardAt === this.#liveness.heardAt);
    if (isSame) return;
    this.#liveness = found;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
