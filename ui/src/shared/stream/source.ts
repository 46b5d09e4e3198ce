/** Where changes come from: the contract of what opens the stream, and of what is told of it. */
import type { Patch } from "./patching.ts";

export interface StreamListener {
  /** Whether there is a way to the server now. */
  connected(isConnected: boolean): void;
  /** Something came: the server lives. */
  heard(): void;
  /** All that `topics` had up to `rev` has come. `at` is the server's time in milliseconds. */
  beat(rev: number, at: number, topics: readonly string[]): void;
  patches(patches: readonly Patch[], rev: number): void;
  /** A document is to be asked for again. */
  reset(topic: string): void;
}

export type Wants = ReadonlyMap<string, number>;

export interface Source {
  /** What is to be told of: topics, with the revision up to which each is known. */
  want(wants: Wants): void;
  /** Try at once, whatever was waited for. */
  retry(): void;
  close(): void;
}
