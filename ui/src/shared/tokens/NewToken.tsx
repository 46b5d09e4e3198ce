import { useMemo } from "react";
import { useKeptForm } from "../drafts/useKeptForm.ts";
import { Field } from "../parts/Field.tsx";
import { MakeForm } from "../parts/MakeForm.tsx";
import { ShownOnce } from "../parts/ShownOnce.tsx";
import { Lifetime } from "./Lifetime.tsx";

export interface TokenForm {
  readonly name: string;
  /** Empty where nobody said what it is for. */
  readonly description: string;
  /** 0: until it is revoked. */
  readonly days: number;
}

export interface MadeToken {
  readonly name: string;
  readonly token: string;
}

export interface NewTokenProps {
  /** Under which address what is typed is kept until it is sent. */
  readonly draft: string;
  /** Days that are offered; the one at the start. */
  readonly offered: readonly number[];
  readonly days: number;
  readonly nameLabel?: string;
  readonly hint?: string;
  readonly most?: number;
  /** Whether it may be said what it is for. */
  readonly isDescribed?: boolean;
  readonly why?: string;
  readonly make: (form: TokenForm) => Promise<MadeToken>;
  readonly onMade: () => void;
}

/** A new token: its name, how long it holds, and the token itself, shown this once. */
export function NewToken({ draft, offered, days, nameLabel = "Name", hint, most, isDescribed = false, why = "", make, onMade }: NewTokenProps) {
  const empty = useMemo<TokenForm>(() => ({ name: "", description: "", days }), [days]);
  const [form, change, clear] = useKeptForm(draft, empty);
  const made = () => {
    clear();
    onMade();
  };
  return (
    <MakeForm label="A new token" button="Make the token" isRow why={why} make={() => make(form)} onMade={made} shown={({ token, name }, putAway) => <ShownOnce token={token} name={name} onClose={putAway} />}>
      <Field label={nameLabel} hint={hint} most={most} value={form.name} isRequired isOff={why !== ""} onChange={(name) => change({ name })} />
      {isDescribed && <Field label="What for (may be left out)" value={form.description} isOff={why !== ""} onChange={(description) => change({ description })} />}
      <Lifetime days={form.days} offered={offered} onChange={(to) => change({ days: to })} />
    </MakeForm>
  );
}
