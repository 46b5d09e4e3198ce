/** How much room a row takes: a choice of each person, kept in the browser. */
import { useSyncExternalStore } from "react";
import { keep, kept } from "../kept.ts";

export type Density = "comfortable" | "compact";

const listeners = new Set<() => void>();

export function density(): Density {
  return kept("density") === "compact" ? "compact" : "comfortable";
}

export function chooseDensity(choice: Density): void {
  keep("density", choice);
  document.documentElement.dataset.density = choice;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  document.documentElement.dataset.density = density();
  return () => listeners.delete(listener);
}

export const useDensity = (): Density => useSyncExternalStore(subscribe, density);
