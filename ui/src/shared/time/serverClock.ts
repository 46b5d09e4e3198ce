import type { Clock } from "./clock.ts";

/** The server's time, by what its answers say: this computer's clock may be off by hours. */
export class ServerClock {
  #offset = 0;
  readonly #listeners = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** Seconds since 1970, as the server has it. */
  seconds = (): number => (this.clock.now() + this.#offset) / 1000;

  /** How far this computer's clock is ahead of the server's, in milliseconds. */
  ahead = (): number => -this.#offset;

  /** Milliseconds of the server's clock for a moment of this computer's. */
  of = (milliseconds: number): number => milliseconds + this.#offset;

  heard = (serverMilliseconds: number): void => {
    const offset = serverMilliseconds - this.clock.now();
    // Answers are under way for a while, and some have whole seconds: what is less is no news.
    if (Math.abs(offset - this.#offset) < 1_000) return;
    this.#offset = offset;
    for (const listener of this.#listeners) listener();
  };

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
