/** Time is passed in: what waits for it can be tested without waiting. */
export interface Clock {
  /** Milliseconds since 1970, as this computer has it. */
  now(): number;
  /** Run something later; the answer takes it back. */
  after(milliseconds: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    const id = setTimeout(run, milliseconds);
    return () => clearTimeout(id);
  },
};
