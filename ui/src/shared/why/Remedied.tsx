import { useBoard } from "../board/names.ts";
import { useMoving, type MoveKind } from "../moves/address.ts";
import page from "../parts/page.module.css";
import { useLiveness } from "../services.ts";
import type { Gate } from "./read.ts";
import styles from "./why.module.css";

export interface RemediedProps {
  readonly project: string;
  readonly stage: string;
  /** Its name or alias. */
  readonly freight: string;
  readonly gate: Gate;
  /** The move that is under way already: no button leads to where one is. */
  readonly without?: MoveKind;
}

/** The moves that open gates, as buttons say them, and the right that each needs. */
const MOVES: Readonly<Partial<Record<string, { readonly kind: MoveKind; readonly label: string; readonly right: string }>>> = {
  approve: { kind: "approve", label: "Approve it for this Stage", right: "approve" },
  promote: { kind: "promote", label: "Promote it", right: "promote" },
  resume: { kind: "resume", label: "End the hold", right: "hold" },
  release: { kind: "release", label: "Release it from quarantine", right: "" },
};

/** The button that opens a gate, for whoever may press it. */
export function Remedied({ project, stage, freight, gate, without }: RemediedProps) {
  const moving = useMoving();
  const { mayAct } = useLiveness();
  const { board } = useBoard(project);
  const move = gate.remedy === null ? undefined : MOVES[gate.remedy.verb];
  if (move === undefined || move.kind === without) return null;
  const may = board?.stages?.find((each) => each.name === stage)?.may ?? board?.may ?? [];
  const why = !mayAct ? "What is shown may be out of date" : move.right === "" || may.includes(move.right) ? "" : `You have no right to ${move.right} here`;
  return (
    <p className={styles.remedy}>
      You can:{" "}
      <button type="button" className={page.button} disabled={why !== ""} title={why || undefined} data-remedy={move.kind} onClick={() => moving.open(move.kind, move.kind === "release" ? [] : [stage], move.kind === "resume" ? "" : freight)}>
        {move.label}
      </button>
      {why !== "" && <span className={styles.muted}> {why}</span>}
    </p>
  );
}
