import { useMemo, type SyntheticEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { words } from "@/shared/api/client.ts";
import { path } from "@/shared/api/paths.ts";
import { useKeptForm } from "@/shared/drafts/useKeptForm.ts";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import { Field } from "@/shared/parts/Field.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useServices } from "@/shared/services.ts";
import { Values } from "./Values.tsx";
import { EMPTY, REPO_TYPES, changing, creating, typedOf, type Credential, type CredentialType, type Place, type Typed } from "./read.ts";

const SAID: Readonly<Record<CredentialType, string>> = { git: "Git repository", image: "image repository", helm: "chart repository", generic: "anything else (generic)" };
const SECRETS = ["password", "values"] as const;

export interface CredentialFormProps {
  readonly place: Place;
  /** Null: a new one. */
  readonly before: Credential | null;
  readonly onEnd: () => void;
  readonly onDone: () => void;
}

/** A credential, new or changed. What is secret is typed, sent and forgotten: it is never kept, and never comes back. */
export function CredentialForm({ place, before, onEnd, onDone }: CredentialFormProps) {
  const { api } = useServices();
  const types: readonly CredentialType[] = place.hasRepos ? [...REPO_TYPES, "generic"] : ["generic"];
  const empty = useMemo<Typed>(() => (before === null ? { ...EMPTY, type: place.hasRepos ? "git" : "generic" } : typedOf(before)), [before, place.hasRepos]);
  const [typed, change, clear] = useKeptForm<Typed>(`form:credential:${place.namespace}/${before?.name ?? ""}`, empty, SECRETS);
  const send = useMutation({
    mutationFn: async () => {
      if (before === null) {
        const { end, body } = creating(typed);
        await api.send("POST", `${place.base}/${end}`, body);
      } else {
        const { end, body } = changing(before, typed);
        await api.send("PATCH", `${place.base}/${end}/${path`${before.name}`}`, body);
      }
    },
    onSuccess: () => {
      clear();
      onDone();
    },
    gcTime: 0,
  });
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    send.mutate();
  };
  const isRepo = typed.type !== "generic";
  const offered = before === null ? types : types.filter((each) => (each === "generic") === (before.type === "generic"));
  return (
    <Section title={before === null ? "A new credential" : `Change ${before.name}`}>
      <form className={page.form} onSubmit={onSubmit}>
        {before === null && <Field label="Name" value={typed.name} isRequired isFirst most={253} onChange={(name) => change({ name })} />}
        <label className={page.field}>
          It is for
          <select className={page.input} value={typed.type} onChange={(event) => change({ type: event.target.value as CredentialType })}>
            {offered.map((each) => (
              <option key={each} value={each}>
                {SAID[each]}
              </option>
            ))}
          </select>
        </label>
        <Field label="Description (may be left out)" value={typed.description} onChange={(description) => change({ description })} />
        {isRepo ? <Repository typed={typed} isNew={before === null} change={change} /> : <Values values={typed.values} onChange={(values) => change({ values })} />}
        <div className={page.row}>
          <ActButton look="primary" type="submit" isBusy={send.isPending}>
            {before === null ? "Make the credential" : `Change ${before.name}`}
          </ActButton>
          <button
            type="button"
            className={page.button}
            onClick={() => {
              clear();
              onEnd();
            }}
          >
            Cancel
          </button>
        </div>
        {send.error !== null && (
          <p role="alert" className={page.refused}>
            {words(send.error)}
          </p>
        )}
      </form>
    </Section>
  );
}

function Repository({ typed, isNew, change }: { readonly typed: Typed; readonly isNew: boolean; readonly change: (next: Partial<Typed>) => void }) {
  return (
    <>
      <Field
        label={typed.repoUrlIsRegex ? "Pattern of addresses" : "Address of the repository"}
        hint={typed.repoUrlIsRegex ? "A regular expression (RE2) that the whole address is matched by" : "All of it, as the manifest writes it"}
        value={typed.repoUrl}
        isRequired
        onChange={(repoUrl) => change({ repoUrl })}
      />
      <label className={page.check}>
        <input type="checkbox" checked={typed.repoUrlIsRegex} onChange={(event) => change({ repoUrlIsRegex: event.target.checked })} />
        It is a pattern for several repositories
      </label>
      <Field label="Name of the user" value={typed.username} isRequired={isNew} onChange={(username) => change({ username })} />
      <Field
        label="Password or token"
        type="password"
        hint={isNew ? "Kept sealed; nobody is shown it again." : "Leave it empty to keep the one that is there; where the address changes, type it anew."}
        value={typed.password}
        isRequired={isNew}
        onChange={(password) => change({ password })}
      />
    </>
  );
}
