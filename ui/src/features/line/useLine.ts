import { useRef, useState } from "react";
import { ApiError, words } from "@/shared/api/client.ts";
import { path } from "@/shared/api/paths.ts";
import type { MovesMade, Target } from "@/shared/moves/made.ts";
import { useServices } from "@/shared/services.ts";
import { batches } from "./read.ts";

export interface LineMove {
  readonly kind: "hold" | "resume";
  readonly targets: readonly Target[];
}

export interface LineMoves {
  readonly isSending: boolean;
  /** What went wrong with the last one; empty: nothing. */
  readonly error: string;
  /** Whether nobody knows what came of it: the answer was lost, or the server failed over it. */
  readonly isUnknown: boolean;
  /** What was done last, as far as it got. */
  readonly done: LineMove | null;
  readonly send: (kind: LineMove["kind"], stages: readonly string[], reason: string) => Promise<void>;
}

/**
 * Hold or resume many Stages, as many at once as a call takes. No revision goes with it: a stop holds what is there by then, and
 * is not refused because something has moved since somebody looked.
 */
export function useLine(project: string): LineMoves {
  const { api } = useServices();
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState("");
  const [isUnknown, setUnknown] = useState(false);
  const [done, setDone] = useState<LineMove | null>(null);
  // The same body is sent with the same key, so that asking again where the answer was lost does nothing twice.
  const keys = useRef(new Map<string, string>());
  const send = async (kind: LineMove["kind"], stages: readonly string[], reason: string) => {
    setSending(true);
    setError("");
    const targets: Target[] = [];
    try {
      for (const some of batches(stages)) {
        const body = { kind, stages: some, ...(reason === "" ? {} : { reason }) };
        const text = JSON.stringify(body);
        const key = keys.current.get(text) ?? crypto.randomUUID();
        keys.current.set(text, key);
        const made = (await api.send("POST", path`towpath/v1/projects/${project}/moves`, { ...body, key })) as MovesMade;
        keys.current.delete(text);
        targets.push(...made.targets);
      }
    } catch (wrong) {
      setError(words(wrong));
      setUnknown(!(wrong instanceof ApiError) || wrong.status >= 500);
    } finally {
      // Where nothing was answered, nothing takes the place of what was typed.
      if (targets.length > 0) setDone({ kind, targets });
      setSending(false);
    }
  };
  return { isSending, error, isUnknown, done, send };
}
