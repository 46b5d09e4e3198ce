import { useRef, useState } from "react";
import { ApiError, words } from "@/shared/api/client.ts";
import { path } from "@/shared/api/paths.ts";
import type { MovesMade, Target } from "@/shared/moves/made.ts";
import { useServices } from "@/shared/services.ts";

export interface LineMove {
  readonly kind: "hold" | "resume";
  readonly targets: readonly Target[];
  /** The revision by which it was done. */
  readonly rev: number;
}

export interface LineMoves {
  readonly isSending: boolean;
  /** What went wrong with the last one; empty: nothing. */
  readonly error: string;
  /** Whether nobody knows what came of it: the answer was lost, or the server failed over it. */
  readonly isUnknown: boolean;
  /** What was done last. */
  readonly done: LineMove | null;
  readonly send: (kind: LineMove["kind"], reason?: string) => Promise<void>;
}

/**
 * Stop the line of a Project, or resume it. Which Stages that is the server says when it does it, and no revision goes with it: a
 * stop holds what is there by then, and is not refused because something has moved since somebody looked.
 */
export function useLine(project: string): LineMoves {
  const { api } = useServices();
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState("");
  const [isUnknown, setUnknown] = useState(false);
  const [done, setDone] = useState<LineMove | null>(null);
  // The same body is sent with the same key, so that asking again where the answer was lost does nothing twice.
  const keys = useRef(new Map<string, string>());
  const send = async (kind: LineMove["kind"], reason = "") => {
    setSending(true);
    setError("");
    const body = { kind, line: true, ...(reason === "" ? {} : { reason }) };
    const text = JSON.stringify(body);
    const key = keys.current.get(text) ?? crypto.randomUUID();
    keys.current.set(text, key);
    try {
      const made = (await api.send("POST", path`towpath/v1/projects/${project}/moves`, { ...body, key })) as MovesMade;
      keys.current.delete(text);
      setDone({ kind, targets: made.targets, rev: made.rev });
    } catch (wrong) {
      setError(words(wrong));
      setUnknown(!(wrong instanceof ApiError) || wrong.status >= 500);
    } finally {
      setSending(false);
    }
  };
  return { isSending, error, isUnknown, done, send };
}
