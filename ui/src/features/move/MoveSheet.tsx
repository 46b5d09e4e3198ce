import { useEffect, useState } from "react";
import type { WireBoard } from "@/shared/api/documents.ts";
import { useMoving, type MoveKind, type MoveSearch } from "@/shared/moves/address.ts";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Sheet } from "@/shared/parts/Sheet.tsx";
import { useDocument } from "@/shared/services.ts";
import { boardOf } from "@/shared/stream/topics.ts";
import { Form } from "./Form.tsx";
import { Live } from "./Outcome.tsx";
import styles from "./move.module.css";

export interface MoveSheetProps {
  readonly project: string;
  readonly kind: MoveKind;
  readonly search: MoveSearch;
}

const list = (text: string | undefined): readonly string[] => (text ?? "").split(",").filter((each) => each !== "");

/** One sheet for every move, beside whatever page it was opened from; after confirming it is the Promotion that came of it. */
export function MoveSheet({ project, kind, search }: MoveSheetProps) {
  const { close } = useMoving();
  const [isWide, setWide] = useState(false);
  const { document: board, error, retry } = useDocument<WireBoard>(boardOf(project));
  const made = list(search.made);
  useEffect(() => {
    // The sheet takes room beside the page: what it is about stays in sight.
    const [first] = list(search.to);
    if (first !== undefined) document.querySelector(`[data-place="stage:${CSS.escape(first)}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [search.to]);
  const title = made.length > 0 ? (made.length === 1 ? "Promotion" : `${made.length} Promotions`) : TITLES[kind];
  return (
    <Sheet title={title} name={kind} isWide={isWide} turn={`${search.made ?? ""}|${search.of ?? ""}|${kind}`} isTaking={search.made !== undefined} onClose={close}>
      {error !== null && board === null && <Problem what={`Project ${project}`} error={error} retry={retry} />}
      {board === null && error === null && <Loading what={`the Stages of ${project}`} rows={6} />}
      {made.length > 0 && (
        <div className={styles.body}>
          {made.map((each) => (
            <Live key={each} project={project} name={each} />
          ))}
        </div>
      )}
      {board !== null && made.length === 0 && (
        <Form key={`${kind}|${search.to ?? ""}|${search.of ?? ""}`} project={project} kind={kind} board={board} stages={list(search.to)} wanted={search.of ?? ""} isWide={isWide} onWide={setWide} />
      )}
    </Sheet>
  );
}

const TITLES: Readonly<Record<MoveKind, string>> = {
  promote: "Promote",
  downstream: "Promote downstream",
  rollback: "Roll back",
  approve: "Approve",
  hold: "Hold",
  resume: "Resume",
  verify: "Verify again",
  quarantine: "Quarantine",
  release: "Release",
};
