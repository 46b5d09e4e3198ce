import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import type { WireBoard } from "@/shared/api/documents.ts";
import { useShortcuts } from "@/shared/keyboard/shortcuts.ts";
import { useMoving, type MoveKind, type MoveSearch } from "@/shared/moves/address.ts";
import { Icon } from "@/shared/parts/Icon.tsx";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
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
  const title = useId();
  const sheet = useRef<HTMLElement>(null);
  const head = useRef<HTMLHeadingElement>(null);
  const { document: board, error, retry } = useDocument<WireBoard>(boardOf(project));
  const made = list(search.made);
  useEffect(() => {
    const before = document.activeElement;
    head.current?.focus();
    return () => {
      // Back to where it was opened from, unless somebody has gone elsewhere meanwhile.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => {
    // The sheet takes room beside the page: what it is about stays in sight.
    const [first] = list(search.to);
    if (first !== undefined) document.querySelector(`[data-place="stage:${CSS.escape(first)}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [search.to]);
  useEffect(() => {
    // What was pressed is gone: the focus goes on with what the sheet has become.
    if (document.activeElement === null || document.activeElement === document.body || search.made !== undefined) head.current?.focus();
  }, [search.made, search.of, kind]);
  const shortcuts = useMemo(() => [{ keys: "Escape", label: "Close the sheet", group: "Sheet", run: close }], [close]);
  useShortcuts(shortcuts);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    close();
  };
  return (
    // Escape closes it wherever the focus is inside.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <aside ref={sheet} role="dialog" aria-labelledby={title} className={styles.sheet} data-wide={isWide ? "" : undefined} data-move={kind} onKeyDown={onKeyDown}>
      <header className={styles.head}>
        <h2 id={title} ref={head} tabIndex={-1}>
          {made.length > 0 ? (made.length === 1 ? "Promotion" : `${made.length} Promotions`) : TITLES[kind]}
        </h2>
        <button type="button" className={styles.close} onClick={close} aria-label="Close">
          <Icon name="close" />
        </button>
      </header>
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
    </aside>
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
