import { useSyncExternalStore } from "react";
import { keep, kept } from "../kept.ts";

export type ThemeChoice = "system" | "light" | "dark";
export type Scheme = "light" | "dark";

const listeners = new Set<() => void>();
const dark = () => window.matchMedia("(prefers-color-scheme: dark)");

export function themeChoice(): ThemeChoice {
  const found = kept("theme");
  return found === "light" || found === "dark" ? found : "system";
}

export function scheme(): Scheme {
  const chosen = themeChoice();
  if (chosen !== "system") return chosen;
  return dark().matches ? "dark" : "light";
}

function apply(): void {
  document.documentElement.dataset.theme = scheme();
  for (const listener of listeners) listener();
}

export function chooseTheme(choice: ThemeChoice): void {
  keep("theme", choice);
  apply();
}

function subscribe(listener: () => void): () => void {
  const media = dark();
  listeners.add(listener);
  media.addEventListener("change", apply);
  return () => {
    listeners.delete(listener);
    media.removeEventListener("change", apply);
  };
}

export function useScheme(): Scheme {
  return useSyncExternalStore(subscribe, scheme);
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, themeChoice);
}
