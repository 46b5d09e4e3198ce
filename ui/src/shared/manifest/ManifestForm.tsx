import { useDeferredValue, useMemo, useState, type ReactNode } from "react";
import { groupOf } from "./kinds.ts";
import { useLiveness } from "../services.ts";
import { useWhyNot } from "../rights/useWhyNot.ts";
import { useActor } from "../session/useActor.ts";
import { ApiError } from "../api/client.ts";
import { ActButton } from "../parts/ActButton.tsx";
import { Loading, Problem } from "../parts/Panel.tsx";
import page from "../parts/page.module.css";
import { Conflict } from "./Conflict.tsx";
import { Editor } from "./Editor.tsx";
import { wrongAt, type Fields } from "./fields.ts";
import { gitOwner } from "./owner.ts";
import { Review } from "./Review.tsx";
import { read, withField, type Path } from "./text.ts";
import { useManifest, type Manifest, type Subject } from "./useManifest.ts";
import styles from "./manifest.module.css";

export interface ManifestFormProps {
  readonly subject: Subject;
  /** The same object as a form; without it there is the text alone. */
  readonly form?: (fields: Fields) => ReactNode;
  /** Told of the text that was saved. */
  readonly onSaved?: (text: string) => void;
}

/** An object that is edited: as a form where there is one and as YAML, both of the same text, looked over before it is saved. */
export function ManifestForm(props: ManifestFormProps) {
  const who = useActor();
  const { kind, namespace, name } = props.subject;
  // Whose drafts there are is known with who is there.
  return who === "" ? <Loading what={`the ${kind.said}`} /> : <Known key={`${kind.kind}/${namespace}/${name}`} who={who} {...props} />;
}

function Known({ who, subject, form, onSaved }: ManifestFormProps & { readonly who: string }) {
  const { kind, namespace, name } = subject;
  const manifest = useManifest(subject, who);
  const { object, error, text } = manifest;
  const isNew = object === null;
  const whyNot = useWhyNot({ verb: isNew ? "create" : "update", group: groupOf(kind), resource: kind.plural, namespace, name: isNew ? "" : name });
  const { mayAct } = useLiveness();
  const [isText, setText] = useState(form === undefined);
  const parsed = useMemo(() => read(text), [text]);
  const shown = useDeferredValue(parsed);
  const { refused } = manifest;
  const marks = useMemo(() => (shown.error !== null ? [shown.error] : (refused?.fields ?? []).map(({ field, message, line }) => ({ line, message: field === "" ? message : `${field}: ${message}` }))), [shown, refused]);
  if (object === undefined) return error === null ? <Loading what={`the ${kind.said}`} /> : <Problem what={`The ${kind.said}`} error={error} retry={manifest.retry} />;
  const canForm = form !== undefined && parsed.value !== null;
  const isForm = canForm && !isText;
  const fields: Fields = {
    value: parsed.value ?? {},
    object,
    set: (path: Path, value: unknown) => manifest.change(withField(text, path, value)),
    wrong: (field) => wrongAt(refused?.fields ?? [], field),
    isOff: whyNot !== "",
  };
  const why = whyNot || (parsed.error !== null ? "The text cannot be read." : manifest.theirs !== null ? "Somebody has changed it meanwhile: see above." : "");
  const confirm = async () => {
    if (why !== "" || !mayAct || !manifest.isChanged || manifest.isBusy) return;
    if (manifest.reviewed === null) await manifest.review();
    else if (await manifest.save()) onSaved?.(text);
  };
  return (
    <div className={styles.box}>
      <Notes manifest={manifest} error={error} />
      {form !== undefined && <Switch isForm={isForm} canForm={canForm} onText={setText} />}
      {isForm ? form(fields) : <Editor label={`${kind.kind} ${name} as YAML`} text={text} onChange={manifest.change} marks={marks} isReadOnly={whyNot !== ""} onConfirm={() => void confirm()} />}
      {manifest.theirs !== null && <Conflict manifest={manifest} />}
      {refused !== null && (isForm || refused.fields.length === 0) && (
        <div role="alert" className={page.refused}>
          {refused.text}
          {refused.request !== "" && <p className={page.muted}>Request {refused.request}</p>}
        </div>
      )}
      {manifest.theirs === null && manifest.reviewed !== null && <Review reviewed={manifest.reviewed} />}
      <Foot manifest={manifest} why={why} onConfirm={() => void confirm()} />
    </div>
  );
}

function Switch({ isForm, canForm, onText }: { readonly isForm: boolean; readonly canForm: boolean; readonly onText: (isText: boolean) => void }) {
  return (
    <div className={styles.head}>
      <div className={styles.switch} role="group" aria-label="How it is edited">
        <button type="button" aria-pressed={isForm} disabled={!canForm} onClick={() => onText(false)}>
          Form
        </button>
        <button type="button" aria-pressed={!isForm} onClick={() => onText(true)}>
          YAML
        </button>
      </div>
      {!canForm && <span className={page.muted}>The form is back when the text can be read.</span>}
    </div>
  );
}

/** What is to be known before one types: who else writes it, what came back, what could not be looked at. */
function Notes({ manifest, error }: { readonly manifest: Manifest; readonly error: unknown }) {
  const owner = gitOwner(manifest.object);
  return (
    <>
      {owner !== "" && (
        <div className={styles.note}>
          <p>{owner} What is saved here will be put back to what Git says.</p>
        </div>
      )}
      {manifest.isRestored && (
        <div className={styles.note} role="status">
          <p>What you typed here before, and did not save, is back.</p>
          <button type="button" className={page.button} onClick={manifest.discard}>
            Drop it
          </button>
        </div>
      )}
      {error !== null && error !== undefined && (error instanceof ApiError && error.status === 401 ? null : <Problem what="What the server has now" error={error} retry={manifest.retry} />)}
    </>
  );
}

function Foot({ manifest, why, onConfirm }: { readonly manifest: Manifest; readonly why: string; readonly onConfirm: () => void }) {
  const { reviewed, isChanged, isTyped, isBusy } = manifest;
  const isSame = reviewed !== null && reviewed.before === reviewed.after;
  return (
    <div className={styles.foot}>
      {isChanged ? (
        <ActButton look="primary" why={why || (isSame ? "There is nothing to save." : "")} isBusy={isBusy} onClick={onConfirm}>
          {reviewed === null ? "Review changes" : "Save"}
        </ActButton>
      ) : (
        why !== "" && <span className={page.why}>{why}</span>
      )}
      {isTyped && (
        <button type="button" className={page.button} onClick={manifest.discard}>
          Discard changes
        </button>
      )}
      <span role="status" className={page.muted}>
        {manifest.isSaved ? "Saved." : isBusy ? "Asking the server…" : manifest.refused !== null ? "The server refuses it: see above." : isChanged ? "" : "Nothing is changed."}
      </span>
    </div>
  );
}
