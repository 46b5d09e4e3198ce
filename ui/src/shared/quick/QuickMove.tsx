import { useState, type SyntheticEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { words } from "../api/client.ts";
import { path } from "../api/paths.ts";
import page from "../parts/page.module.css";
import { useLiveness, useServices } from "../services.ts";
import { refusal, type WireAnswer } from "./read.ts";
import styles from "./quick.module.css";

export interface QuickMoveProps {
  readonly project: string;
  /** One of docs/reference/moves.md that needs no plan: approve, hold, resume, verify, quarantine, release. */
  readonly kind: string;
  readonly stages?: readonly string[];
  readonly freight?: string;
  /** The revision of what was looked at: what has changed since is refused. */
  readonly rev: number;
  /** What the first button says, and what the one that does it says: verb and target. */
  readonly label: string;
  readonly confirm: string;
  readonly needsReason?: boolean;
  readonly onDone: () => void;
}

/** What changes who may move, in place: a button, then the reason, then the word that does it. */
export function QuickMove(props: QuickMoveProps) {
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return <Form {...props} onEnd={() => setOpen(false)} />;
  return (
    <button type="button" className={page.button} onClick={() => setOpen(true)}>
      {props.label}…
    </button>
  );
}

function Form({ project, kind, stages, freight, rev, confirm, needsReason = false, onDone, onEnd }: QuickMoveProps & { readonly onEnd: () => void }) {
  const { api } = useServices();
  const live = useLiveness();
  const [reason, setReason] = useState("");
  // One form, one move, however often it is sent.
  const [key] = useState(() => crypto.randomUUID());
  const move = useMutation({
    mutationFn: async () => {
      const body = { kind, key, ifRev: rev, ...(stages === undefined ? {} : { stages }), ...(freight === undefined ? {} : { freight }), ...(reason === "" ? {} : { reason }) };
      const refused = refusal((await api.send("POST", path`towpath/v1/projects/${project}/moves`, body)) as WireAnswer | null);
      if (refused !== "") throw new Error(refused);
    },
    onSuccess: () => {
      onEnd();
      onDone();
    },
  });
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    move.mutate();
  };
  return (
    <form className={styles.form} onSubmit={onSubmit}>
      <label className={styles.reason}>
        {needsReason ? "Reason, kept on record" : "Reason, kept on record (may be left out)"}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- it was opened to be filled in */}
        <input className={page.input} autoFocus maxLength={1024} required={needsReason} value={reason} onChange={(event) => setReason(event.target.value)} onKeyDown={(event) => event.key === "Escape" && onEnd()} />
      </label>
      <button type="submit" className={page.primary} disabled={!live.mayAct || move.isPending}>
        {confirm}
      </button>
      <button type="button" className={page.button} onClick={onEnd}>
        Cancel
      </button>
      {!live.mayAct && <p className={styles.note}>It can be sent when the page is live again.</p>}
      {move.error !== null && (
        <p role="alert" className={page.refused}>
          {words(move.error)}
        </p>
      )}
    </form>
  );
}
