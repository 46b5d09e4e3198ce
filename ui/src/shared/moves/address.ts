/** The sheet of a move, as the address has it: whatever page it stands beside, `?move=promote&to=prod&of=calm-otter` opens it. */
import { useCallback, useMemo } from "react";
import { useNavigate } from "@tanstack/react-router";
import { LINE, type LineSearch } from "./line.ts";

export const MOVE_KINDS = ["promote", "rollback", "downstream", "approve", "hold", "resume", "verify", "quarantine", "release"] as const;
export type MoveKind = (typeof MOVE_KINDS)[number];

export interface MoveSearch {
  readonly move?: MoveKind;
  /** The Stages, with commas between them. */
  readonly to?: string;
  /** The Freight, by name or alias. */
  readonly of?: string;
  /** Promotions that were made of it, with commas between them: the sheet shows how they fare. */
  readonly made?: string;
}

const FIELDS = ["move", "to", "of", "made", LINE] as const;

export function readMoveSearch(search: Record<string, unknown>): MoveSearch {
  const text = (name: string): string | undefined => {
    const value = search[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  const kind = MOVE_KINDS.find((each) => each === search.move);
  if (kind === undefined) return {};
  const [to, of, made] = [text("to"), text("of"), text("made")];
  return { move: kind, ...(to === undefined ? {} : { to }), ...(of === undefined ? {} : { of }), ...(made === undefined ? {} : { made }) };
}

export interface Moving {
  /** Open the sheet of a move, over whatever page is there. */
  readonly open: (kind: MoveKind, stages: readonly string[], freight?: string) => void;
  /** The same, beside the board of a Project that the page is not of. */
  readonly openIn: (project: string, kind: MoveKind, stages: readonly string[], freight?: string) => void;
  readonly close: () => void;
  /** Open the sheet that stops a line in the place of one that is open; no Project: it asks for which. */
  readonly stopLine: (project: string) => void;
  /** Tell in the address which Promotions were made of it. */
  readonly made: (promotions: readonly string[]) => void;
}

export function useMoving(): Moving {
  const navigate = useNavigate();
  const go = useCallback(
    (move: MoveSearch & LineSearch, replace: boolean) =>
      void navigate({
        to: ".",
        search: (was: Record<string, unknown>) => ({ ...without(was), ...move }),
        replace,
      }),
    [navigate],
  );
  const open = useCallback((kind: MoveKind, stages: readonly string[], freight = "") => go(addressOf(kind, stages, freight), false), [go]);
  const openIn = useCallback(
    (project: string, kind: MoveKind, stages: readonly string[], freight = "") => void navigate({ to: "/p/$project", params: { project }, search: addressOf(kind, stages, freight) }),
    [navigate],
  );
  const close = useCallback(() => go({}, true), [go]);
  const stopLine = useCallback((project: string) => go({ [LINE]: project }, false), [go]);
  const made = useCallback(
    (promotions: readonly string[]) =>
      void navigate({ to: ".", search: (was: Record<string, unknown>) => ({ ...was, made: promotions.join(",") }), replace: true }),
    [navigate],
  );
  return useMemo(() => ({ open, openIn, close, stopLine, made }), [open, openIn, close, stopLine, made]);
}

function addressOf(move: MoveKind, stages: readonly string[], freight: string): MoveSearch {
  return { move, ...(stages.length === 0 ? {} : { to: stages.join(",") }), ...(freight === "" ? {} : { of: freight }) };
}

function without(search: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(search).filter(([name]) => !(FIELDS as readonly string[]).includes(name)));
}
