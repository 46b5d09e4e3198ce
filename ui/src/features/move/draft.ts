/** What was typed into a sheet, and the key that makes it one move: both outlive a reload, in this tab's history and nowhere else. */
import { useCallback, useEffect, useRef, useState } from "react";

export interface Draft {
  /** Which move it is of. */
  readonly of: string;
  readonly key: string;
  readonly reason: string;
  /** The revision of what was looked at when the sheet was opened. */
  readonly rev: number;
}

const FIELD = "towpathMove";

function kept(of: string): Draft | null {
  const state: unknown = window.history.state;
  const found = typeof state === "object" && state !== null ? (state as Record<string, unknown>)[FIELD] : undefined;
  return typeof found === "object" && found !== null && (found as Draft).of === of ? (found as Draft) : null;
}

export function useDraft(of: string, rev: number): { readonly draft: Draft; readonly change: (next: Partial<Omit<Draft, "of">>) => void; readonly keep: () => void } {
  const [draft, setDraft] = useState<Draft>(() => kept(of) ?? { of, key: crypto.randomUUID(), reason: "", rev });
  const newest = useRef(draft);
  useEffect(() => {
    newest.current = draft;
  }, [draft]);
  const keep = useCallback(() => window.history.replaceState({ ...(window.history.state as object | null), [FIELD]: newest.current }, ""), []);
  useEffect(() => {
    window.addEventListener("pagehide", keep);
    return () => window.removeEventListener("pagehide", keep);
  }, [keep]);
  const change = useCallback((next: Partial<Omit<Draft, "of">>) => setDraft((was) => ({ ...was, ...next })), []);
  return { draft, change, keep };
}
