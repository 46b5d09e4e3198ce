/** The keyboard map: every shortcut is declared where its screen is, found by `?`, and can be switched off (WCAG 2.1.4). */
import { useEffect, useSyncExternalStore } from "react";
import { keep, kept } from "../kept.ts";

export interface Shortcut {
  /** Keys after one another, such as `g o`, or one with a modifier, such as `Mod+k` (⌘ on a Mac, Ctrl elsewhere). */
  readonly keys: string;
  readonly label: string;
  readonly group: string;
  readonly run: () => void;
}

/** How long the first of two keys is remembered. */
const SEQUENCE = 1_200;

const declared = new Set<readonly Shortcut[]>();
const listeners = new Set<() => void>();
let shown: readonly Shortcut[] = [];
let before: { key: string; at: number } | null = null;

function changed(): void {
  // What was declared last, on the screen in front, goes before what is below it.
  const all = [...declared].reverse().flat();
  shown = all.filter((each, place) => all.findIndex((other) => other.keys === each.keys) === place);
  for (const listener of listeners) listener();
}

export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  useEffect(() => {
    declared.add(shortcuts);
    changed();
    return () => {
      declared.delete(shortcuts);
      changed();
    };
  }, [shortcuts]);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useDeclaredShortcuts = (): readonly Shortcut[] => useSyncExternalStore(subscribe, () => shown);

export const areLettersOn = (): boolean => kept("shortcuts") !== "off";
export const useLettersOn = (): boolean => useSyncExternalStore(subscribe, areLettersOn);
export function switchLetters(isOn: boolean): void {
  keep("shortcuts", isOn ? "on" : "off");
  changed();
}

/** Whether a key press belongs to a field that is being typed in. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  // Nothing is typed into a handle that is moved, nor into a box that is ticked.
  if (target instanceof HTMLInputElement && /^(range|checkbox|radio)$/.test(target.type)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Handle a key press; whether it was one of the map. `now` is in milliseconds. */
export function press(event: Pick<KeyboardEvent, "key" | "metaKey" | "ctrlKey" | "altKey" | "target">, now: number): boolean {
  if (event.altKey) return false;
  if (event.metaKey || event.ctrlKey) return run(`Mod+${event.key}`);
  if (isTyping(event.target) || !areLettersOn()) return false;
  const first = before !== null && now - before.at < SEQUENCE ? before.key : null;
  before = null;
  if (first !== null && run(`${first} ${event.key}`)) return true;
  if (run(event.key)) return true;
  if (shown.some((each) => each.keys.startsWith(`${event.key} `))) before = { key: event.key, at: now };
  return false;
}

function run(keys: string): boolean {
  const found = shown.find((each) => each.keys === keys);
  found?.run();
  return found !== undefined;
}

export function useKeyboard(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.defaultPrevented && press(event, performance.now())) event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
