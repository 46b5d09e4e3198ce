import type { MoveKind } from "@/shared/moves/address.ts";
import type { Shortcut } from "@/shared/keyboard/shortcuts.ts";

export interface BoardActions {
  readonly why: () => unknown;
  readonly lens: () => unknown;
  readonly view: () => unknown;
  readonly select: () => unknown;
  readonly filter: () => unknown;
  readonly back: () => unknown;
  readonly move: (kind: MoveKind) => unknown;
  readonly menu: () => unknown;
  readonly log: () => unknown;
}

/** What keys do on a board. Arrows, Home, End, Enter and Space are the grid's own. */
export function boardShortcuts(actions: BoardActions): readonly Shortcut[] {
  const of = (keys: string, label: string, run: () => unknown): Shortcut => ({ keys, label, group: "Board", run: () => void run() });
  return [
    of("w", "Why: what keeps Freight from this Stage", actions.why),
    of("f", "Lens: what the Freight of this Stage means everywhere", actions.lens),
    of("v", "Board or list", actions.view),
    of("x", "Select this Stage", actions.select),
    of("p", "Promote to this Stage, or to those selected", () => actions.move("promote")),
    of("r", "Roll back this Stage, or those selected", () => actions.move("rollback")),
    of("a", "Approve Freight for this Stage, or those selected", () => actions.move("approve")),
    of("h", "Hold this Stage, or those selected", () => actions.move("hold")),
    of(".", "All that can be done with this Stage", actions.menu),
    of("l", "Log of what moves or failed in this Stage", actions.log),
    of("/", "Filter", actions.filter),
    of("Escape", "One step back", actions.back),
  ];
}
