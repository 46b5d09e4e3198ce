import type { WireBoard } from "@/shared/api/documents.ts";
import type { MoveKind } from "@/shared/moves/address.ts";
import { Version } from "@/shared/parts/Version.tsx";
import { useNow } from "@/shared/services.ts";
import { span } from "@/shared/time/words.ts";
import { replaced, type FreightBrief, type StageBrief } from "./read.ts";
import { MEANS, OF_FREIGHT, PROMOTING } from "./words.ts";
import styles from "./move.module.css";

export interface SentenceProps {
  readonly kind: MoveKind;
  readonly board: WireBoard;
  readonly targets: readonly StageBrief[];
  readonly freight: FreightBrief | null;
}

const VERBS: Readonly<Record<MoveKind, string>> = {
  promote: "Promote",
  downstream: "Promote",
  rollback: "Roll back",
  approve: "Approve",
  hold: "Hold",
  resume: "Resume",
  verify: "Verify again",
  quarantine: "Quarantine",
  release: "Release",
};

/** The move in one sentence, and what it replaces or does not undo. */
export function Sentence({ kind, board, targets, freight }: SentenceProps) {
  const isWithFreight = PROMOTING.includes(kind) || kind === "approve" || OF_FREIGHT.includes(kind);
  const where = targets.length === 1 ? targets[0]?.name : `${targets.length} Stages`;
  const link = kind === "approve" ? "for" : kind === "rollback" ? "to" : "to";
  return (
    <div className={styles.sentence}>
      {kind === "rollback" && (
        <p className={styles.warning}>
          Rolling back puts files and artifacts back. It does not undo what was done besides: database migrations, messages that were sent, calls that steps made. It holds auto-promotion
          here, until somebody resumes it or promotes the newest by hand.
        </p>
      )}
      <p className={styles.what}>
        {VERBS[kind]}{" "}
        {kind === "rollback" && (
          <>
            <strong>{where}</strong>{" "}
          </>
        )}
        {isWithFreight && freight !== null && (
          <>
            {kind === "rollback" ? `${link} ` : ""}
            <FreightName freight={freight} />{" "}
          </>
        )}
        {kind === "rollback" && freight === null && (targets.length > 1 ? "to what each had before, verified" : "")}
        {kind !== "rollback" && !OF_FREIGHT.includes(kind) && (
          <>
            {isWithFreight ? `${link} ` : ""}
            <strong>{where}</strong>
          </>
        )}
      </p>
      {PROMOTING.includes(kind) && freight !== null && targets.length === 1 && targets[0] !== undefined && <Replaces board={board} stage={targets[0]} freight={freight} />}
      {MEANS[kind] !== undefined && <p>{MEANS[kind]}</p>}
      {kind === "hold" && targets.some((each) => !each.isAuto) && <p className={styles.muted}>Auto-promotion is off in {targets.filter((each) => !each.isAuto).map((each) => each.name).join(", ")}: there is nothing to hold.</p>}
    </div>
  );
}

function FreightName({ freight }: { readonly freight: FreightBrief }) {
  const [first] = freight.versions;
  return (
    <>
      {first === undefined ? <strong>{freight.alias || freight.name.slice(0, 7)}</strong> : <Version text={first} most={40} strong />}
      {freight.versions.length > 1 && ` and ${freight.versions.length - 1} more`}
      {first !== undefined && freight.alias !== "" && ` (${freight.alias})`}
    </>
  );
}

function Replaces({ board, stage, freight }: { readonly board: WireBoard; readonly stage: StageBrief; readonly freight: FreightBrief }) {
  const now = useNow(10);
  const there = replaced(board, stage, freight);
  if (there === null) return <p className={styles.muted}>Nothing is there yet.</p>;
  if (there.name === freight.name) return <p className={styles.muted}>It is there already: the steps run once more.</p>;
  return (
    <p className={styles.muted}>
      Replaces <Version text={there.versions[0] ?? there.name.slice(0, 7)} most={40} />
      {there.alias === "" ? "" : ` (${there.alias})`}
      {stage.since > 0 ? `, there for ${span(now - stage.since)}` : ""}
    </p>
  );
}
