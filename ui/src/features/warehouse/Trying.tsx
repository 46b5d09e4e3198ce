import { useMemo, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ApiError, words } from "@/shared/api/client.ts";
import type { WireVerdicts } from "@/shared/api/documents.ts";
import { Editor } from "@/shared/manifest/Editor.tsx";
import { kindOf, type EditedKind } from "@/shared/manifest/kinds.ts";
import { read } from "@/shared/manifest/text.ts";
import { useManifest } from "@/shared/manifest/useManifest.ts";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useLiveness, useServices } from "@/shared/services.ts";
import { useActor } from "@/shared/session/useActor.ts";
import { Told } from "./Told.tsx";
import styles from "./warehouse.module.css";

export interface TryingProps {
  readonly project: string;
  readonly warehouse: string;
  readonly address: string;
  /** Why somebody may not; empty where they may. */
  readonly whyNot: string;
  /** What is told of it as it is. */
  readonly now: WireVerdicts | undefined;
}

/** What would win if the Warehouse had other rules: the text of its manifest, and a look by it that stores and makes nothing. */
export function Trying(props: TryingProps) {
  const who = useActor();
  const kind = kindOf("Warehouse");
  const [isOpen, setOpen] = useState(false);
  return (
    <Section title="Try an edited rule">
      {props.whyNot !== "" && <p className={page.note}>{props.whyNot}</p>}
      {props.whyNot === "" && (
        <details onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary className={styles.summary}>Change its rules, and see what would win</summary>
          {isOpen && (who === "" || kind === undefined ? <Loading what="the Warehouse" /> : <Manifest key={props.address} who={who} kind={kind} {...props} />)}
        </details>
      )}
    </Section>
  );
}

interface Tried {
  readonly text: string;
  readonly told: WireVerdicts;
}

function Manifest({ project, warehouse, address, now, who, kind }: TryingProps & { readonly who: string; readonly kind: EditedKind }) {
  const { api } = useServices();
  const { mayAct } = useLiveness();
  const manifest = useManifest(useMemo(() => ({ kind, namespace: project, name: warehouse }), [kind, project, warehouse]), who);
  const { text } = manifest;
  const parsed = useMemo(() => read(text), [text]);
  const trial = useMutation({
    mutationFn: async (): Promise<Tried> => ({ text, told: (await api.send("POST", address, parsed.value)) as WireVerdicts }),
    onError: (error) => {
      // Which lines are wrong is said by the same trial as before saving.
      if (error instanceof ApiError && error.status === 422) void manifest.review();
    },
  });
  if (manifest.object === undefined) return manifest.error === null ? <Loading what="the Warehouse" /> : <Problem what="The Warehouse" error={manifest.error} retry={manifest.retry} />;
  const fields = (manifest.refused?.fields ?? []).map(({ field, message, line }) => ({ line, message: field === "" ? message : `${field}: ${message}` }));
  const why = parsed.error !== null ? "The text cannot be read." : "";
  const send = () => {
    if (why === "" && mayAct && !trial.isPending) trial.mutate();
  };
  const change = (next: string) => {
    if (trial.error !== null) trial.reset();
    manifest.change(next);
  };
  return (
    <div className={page.section}>
      <p className={page.note}>Nothing is stored. What is typed here is kept as the draft of the Warehouse&apos;s own form.</p>
      <Editor label={`Rules of ${warehouse} to try`} text={text} onChange={change} marks={parsed.error !== null ? [parsed.error] : fields} isReadOnly={false} onConfirm={send} />
      <div className={page.row}>
        <ActButton look="primary" why={why} isBusy={trial.isPending} onClick={send}>
          {trial.isPending ? "Looking…" : "See what would win"}
        </ActButton>
        {manifest.isTyped && (
          <>
            <button type="button" className={page.button} onClick={manifest.discard}>
              Discard what was typed
            </button>
            <Link to="/p/$project/edit/$kind/$name" params={{ project, kind: "warehouse", name: warehouse }} className={page.button}>
              Take it to the form
            </Link>
          </>
        )}
      </div>
      {trial.error !== null && (
        <p className={page.refused} role="alert">
          It could not be tried: {words(trial.error)}
        </p>
      )}
      {trial.data !== undefined && (
        <section aria-label="What would win" role="status" className={page.section}>
          {trial.data.text !== text && <p className={page.muted}>This is of the text as it was when it was tried.</p>}
          <Told told={trial.data.told} now={now} />
        </section>
      )}
    </div>
  );
}
