import { useMemo, useState } from "react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { path, query } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { useBoard } from "@/shared/board/names.ts";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import page from "@/shared/parts/page.module.css";
import { Changes } from "./Changes.tsx";
import { Side } from "./Side.tsx";
import { readCompare, type WireCompare } from "./read.ts";
import styles from "./compare.module.css";

export interface CompareSearch {
  /** `freight/NAME` or `stage/NAME`: what was before. */
  readonly a?: string;
  /** What is after. */
  readonly b?: string;
}

/** What was released from one to the other: versions, commits, tickets; release notes to copy. */
export function ComparePage() {
  const { project = "" }: { project?: string } = useParams({ strict: false });
  const { a = "", b = "" }: CompareSearch = useSearch({ strict: false });
  const { board } = useBoard(project);
  const navigate = useNavigate();
  const isReady = a !== "" && b !== "";
  const { data, error, retry } = useAsked<WireCompare>(path`towpath/v1/projects/${project}/compare` + query({ from: a, to: b, format: "markdown" }), board?.rev ?? 0, isReady);
  const read = useMemo(() => (data === undefined ? null : readCompare(data)), [data]);
  const change = (next: CompareSearch) => void navigate({ to: "/p/$project/compare", params: { project }, search: { a, b, ...next }, replace: true });
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1>Compare</h1>
        {read !== null && isReady && <Notes project={project} notes={read.notes} />}
      </header>
      <div className={styles.sides}>
        <Side label="From (before)" value={a} board={board} onChange={(value) => change({ a: value })} />
        <button type="button" className={page.button} aria-label="Swap the sides" onClick={() => change({ a: b, b: a })}>
          ⇄
        </button>
        <Side label="To (after)" value={b} board={board} onChange={(value) => change({ b: value })} />
      </div>
      {!isReady && (
        <Empty title="Choose two Freight, or two Stages">
          <p>From a Stage that has the old version to Freight that is to come: what would be released.</p>
        </Empty>
      )}
      {isReady && error !== null && <Problem what="What is different" error={error} retry={retry} />}
      {isReady && read === null && error === null && <Loading what="what is different" rows={6} />}
      {isReady && read !== null && (
        <>
          <p className={styles.summary} role="status">
            {read.summary}
          </p>
          <Changes changes={read.changes} />
          {read.leftOut > 0 && <p className={page.muted}>{read.leftOut} more artifacts are left out.</p>}
        </>
      )}
    </div>
  );
}

/** Release notes as the server writes them: to copy, or as a file. */
function Notes({ project, notes }: { readonly project: string; readonly notes: string }) {
  const [said, setSaid] = useState("");
  const copy = () => {
    navigator.clipboard.writeText(notes).then(
      () => setSaid("Copied"),
      () => setSaid("The browser does not let it be copied: save it"),
    );
  };
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([notes], { type: "text/markdown" }));
    link.download = `${project}-release-notes.md`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <div className={page.tools}>
      <span role="status" className={page.muted}>
        {said}
      </span>
      <button type="button" className={page.button} disabled={notes === ""} onClick={copy}>
        Copy as Markdown
      </button>
      <button type="button" className={page.button} disabled={notes === ""} onClick={save}>
        Save as Markdown
      </button>
    </div>
  );
}
