import { useState, type SyntheticEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { words } from "../api/client.ts";
import { ActButton } from "./ActButton.tsx";
import { Field } from "./Field.tsx";
import page from "./page.module.css";

export interface ConfirmProps {
  /** What the first button says, and the one that does it: verb and what it is done to. */
  readonly label: string;
  readonly confirm: string;
  /** What follows from it, in a sentence. */
  readonly what: string;
  /** What has to be typed first; empty: nothing. */
  readonly typed?: string;
  readonly why?: string;
  readonly run: () => Promise<unknown>;
}

/** Something that cannot be undone, in two steps: a button, then what it does and the button that does it. */
export function Confirm({ label, confirm, what, typed = "", why = "", run }: ConfirmProps) {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState("");
  const act = useMutation({ mutationFn: run, onSuccess: () => setOpen(false) });
  if (!isOpen)
    return (
      <ActButton why={why} onClick={() => setOpen(true)}>
        {`${label}…`}
      </ActButton>
    );
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    act.mutate();
  };
  return (
    <form className={page.form} onSubmit={onSubmit} aria-label={confirm}>
      <p>{what}</p>
      {typed !== "" && <Field label={`Type ${typed} to go on`} value={text} onChange={setText} isFirst />}
      <div className={page.row}>
        <ActButton look="danger" type="submit" isBusy={act.isPending} why={text === typed ? "" : `Type ${typed} first.`}>
          {confirm}
        </ActButton>
        <button type="button" className={page.button} onClick={() => setOpen(false)}>
          Cancel
        </button>
      </div>
      {act.error !== null && (
        <p role="alert" className={page.refused}>
          {words(act.error)}
        </p>
      )}
    </form>
  );
}
