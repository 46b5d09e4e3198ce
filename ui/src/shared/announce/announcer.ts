/** What screen readers are told of changes: batched, never per event; what somebody started and failed at once. */
import type { Clock } from "../time/clock.ts";

export interface Said {
  readonly polite: string;
  readonly assertive: string;
}

export const BATCH = 5_000;
const MOST = 3;

export class Announcer {
  #said: Said = { polite: "", assertive: "" };
  #waiting: string[] = [];
  #isScheduled = false;
  readonly #listeners = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  get = (): Said => this.#said;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  polite(text: string): void {
    if (!this.#waiting.includes(text)) this.#waiting.push(text);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.clock.after(BATCH, () => {
      this.#isScheduled = false;
      const texts = this.#waiting.splice(0);
      const more = texts.length - MOST;
      this.#set({ ...this.#said, polite: texts.slice(0, MOST).join("; ") + (more > 0 ? `; and ${more} more changes` : "") });
    });
  }

  assertive(text: string): void {
    this.#set({ ...this.#said, assertive: text });
  }

  #set(said: Said): void {
    this.#said = said;
    for (const listener of this.#listeners) listener();
  }
}
