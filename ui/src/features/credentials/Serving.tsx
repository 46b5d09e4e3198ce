import { useState, type SyntheticEvent } from "react";
import type { WireServing } from "@/shared/api/documents.ts";
import { path, query } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { Field } from "@/shared/parts/Field.tsx";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { REPO_TYPES } from "./read.ts";

/** Which credential a repository would be opened with, and why not the others: asked before anything fails. */
export function Serving({ project }: { readonly project: string }) {
  const [typed, setTyped] = useState({ url: "", type: "git" });
  const [asked, setAsked] = useState<typeof typed | null>(null);
  const found = useAsked<WireServing>(path`towpath/v1/projects/${project}/credentials/explain` + query(asked ?? {}), "", asked !== null);
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    setAsked(typed);
    // The same question again is asked again: credentials may have changed.
    if (asked !== null && asked.url === typed.url && asked.type === typed.type) found.retry();
  };
  return (
    <Section title="Which would be used">
      <form className={page.row} onSubmit={onSubmit}>
        <Field label="Address of a repository" value={typed.url} isRequired placeholder="https://git.example.com/my/app.git" onChange={(url) => setTyped({ ...typed, url })} />
        <label className={page.field}>
          It is for
          <select className={page.input} value={typed.type} onChange={(event) => setTyped({ ...typed, type: event.target.value })}>
            {REPO_TYPES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <button type="submit" className={page.button}>
          Find out
        </button>
      </form>
      {asked !== null && found.error !== null && <Problem what="The answer" error={found.error} retry={found.retry} />}
      {asked !== null && found.data === undefined && found.error === null && <Loading what="the answer" rows={1} />}
      {found.data !== undefined && <Answer found={found.data} />}
    </Section>
  );
}

function Answer({ found }: { readonly found: WireServing }) {
  const { serves } = found;
  const others = found.secrets.filter((each) => !each.serves);
  return (
    <>
      <p role="status">
        <StateWord meaning={serves === null ? { role: "wait", word: "None: it is opened without a credential" } : { role: "ok", word: `${serves.name || "A shared one"} is used` }} />
        <span className={page.muted}>
          {serves === null ? "" : ` – ${serves.reason}`} (compared as <code>{found.comparedAs}</code>)
        </span>
      </p>
      {others.length > 0 && (
        <dl className={page.facts}>
          {others.map((each) => (
            <div key={`${each.namespace}/${each.name}`} className={page.pair}>
              <dt>{each.name || "a shared one"}</dt>
              <dd>{each.reason}</dd>
            </div>
          ))}
        </dl>
      )}
      {found.leftOut > 0 && <p className={page.muted}>{found.leftOut} more are not listed.</p>}
    </>
  );
}
