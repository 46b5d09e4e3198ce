/** The guided first move: which step somebody is at follows from where they are, so that going back and forth does no harm. */
import type { WireOverview } from "@/shared/api/documents.ts";

/** A Project that has it leads whoever looks through a first move: `towpath demo` gives it to its shop. */
const LABEL = "towpath.dev/guide";

export interface Place {
  /** The Project of the page; undefined on pages of none. */
  readonly project: string | undefined;
  readonly freight: string | undefined;
  readonly move: string | undefined;
  /** Promotions that were made of the move. */
  readonly made: string | undefined;
}

export interface Step {
  readonly number: number;
  readonly title: string;
  readonly text: string;
}

export const STEPS: readonly Step[] = [
  { number: 1, title: "See what is where", text: "Each row of the table is a Project, each column an environment: the version there, how it is, and how long. Open the Project below." },
  { number: 2, title: "Pick a version", text: "This is the way to production, from left to right. Press one of the newer versions in the lanes, or f on a Stage: every cell then says what that version means there." },
  { number: 3, title: "Choose where it goes", text: "Cells that say “can go now” are open; others say what they wait for and until when, w tells more. Go to one that is open with the arrow keys or the pointer, and press p, or Promote." },
  { number: 4, title: "Read what will happen, and confirm", text: "The sheet says what changes, file by file, before anything does. Give a reason, then press Confirm, or Ctrl and Enter." },
  { number: 5, title: "Watch it, and put it back if you like", text: "That was a move: its steps run here, live. Roll back, or r on the Stage, puts the version before it back the same way." },
];

/** The Project that asks for a guide; undefined: none does. */
export function guidedProject(overview: WireOverview | null): string | undefined {
  return overview?.projects?.find((each) => each.labels?.[LABEL] === "first-move")?.name;
}

/** The step that fits where somebody is; null: they are elsewhere, and are left alone. */
export function stepAt(guided: string, { project, freight, move, made }: Place): Step | null {
  if (project === undefined) return STEPS[0] ?? null;
  if (project !== guided) return null;
  const reached = made !== undefined ? 4 : move !== undefined ? 3 : freight !== undefined ? 2 : 1;
  return STEPS[reached] ?? null;
}
