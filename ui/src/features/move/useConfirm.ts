import { useCallback, useState } from "react";
import { ApiError, words } from "@/shared/api/client.ts";
import { path } from "@/shared/api/paths.ts";
import { useServices } from "@/shared/services.ts";
import type { MoveKind } from "@/shared/moves/address.ts";
import type { MovesMade, Target } from "@/shared/moves/made.ts";

export interface Stale {
  readonly stage: string;
  readonly changed: readonly string[];
}

export interface Refusal {
  readonly text: string;
  readonly request: string;
  /** What has changed since it was looked at; empty where that is not why. */
  readonly stale: readonly Stale[];
  /** The plan does not hold any more. */
  readonly isOutdated: boolean;
  /** Nobody knows whether it was done: the same key makes asking again safe. */
  readonly isUnknown: boolean;
}

export interface Wanted {
  readonly kind: MoveKind;
  readonly stages: readonly string[];
  readonly freight: string;
  readonly reason: string;
  readonly planId: string;
  readonly ifRev: number;
  readonly key: string;
}

export interface Confirming {
  readonly isSending: boolean;
  readonly refusal: Refusal | null;
  readonly targets: readonly Target[] | null;
  readonly send: (wanted: Wanted) => Promise<readonly Target[] | null>;
  readonly again: () => void;
}

/** Ask for a move, and keep what became of it. */
export function useConfirm(project: string): Confirming {
  const { api } = useServices();
  const [isSending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [targets, setTargets] = useState<readonly Target[] | null>(null);
  const send = useCallback(
    async (wanted: Wanted) => {
      setSending(true);
      setRefusal(null);
      try {
        const found = (await api.send("POST", path`towpath/v1/projects/${project}/moves`, bodyOf(wanted))) as MovesMade;
        setTargets(found.targets);
        return found.targets;
      } catch (error) {
        setRefusal(refusalOf(error));
        return null;
      } finally {
        setSending(false);
      }
    },
    [api, project],
  );
  const again = useCallback(() => {
    setRefusal(null);
    setTargets(null);
  }, []);
  return { isSending, refusal, targets, send, again };
}

/** What is sent: what is empty is left out, because the server tells apart what was not said. */
export function bodyOf(wanted: Wanted): Record<string, unknown> {
  const { kind, stages, freight, reason, planId, ifRev, key } = wanted;
  return {
    // The sheet lists those downstream, and promotes to those that are chosen.
    kind: kind === "downstream" ? "promote" : kind,
    ...(stages.length === 0 ? {} : { stages }),
    ...(freight === "" ? {} : { freight }),
    ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
    ...(planId === "" ? {} : { planId }),
    ...(ifRev === 0 ? {} : { ifRev }),
    key,
  };
}

export function refusalOf(error: unknown): Refusal {
  const answer = error instanceof ApiError ? error.answer : {};
  const stale = Array.isArray(answer.stale) ? (answer.stale as Stale[]) : [];
  return {
    text: words(error),
    request: error instanceof ApiError ? error.request : "",
    stale: answer.reason === "stale" ? stale : [],
    isOutdated: answer.reason === "outdated",
    isUnknown: !(error instanceof ApiError) || error.status >= 500,
  };
}
