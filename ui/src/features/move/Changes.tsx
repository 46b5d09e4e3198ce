import { useId } from "react";
import { useQuery } from "@tanstack/react-query";
import { path, query } from "@/shared/api/paths.ts";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Version } from "@/shared/parts/Version.tsx";
import { useServices } from "@/shared/services.ts";
import styles from "./changes.module.css";

interface Commit {
  readonly id: string;
  readonly subject: string;
  readonly author: string;
  readonly date: string;
}

interface Artifact {
  readonly kind: string;
  readonly name: string;
  readonly origin: string;
  readonly change: string;
  readonly before: string;
  readonly after: string;
  readonly commits: readonly Commit[];
  readonly removedCommits: readonly Commit[];
  readonly isCut: boolean;
  readonly isRemovedCut: boolean;
  readonly unknown: string;
}

interface Comparison {
  readonly artifacts: readonly Artifact[];
  readonly leftOut: number;
}

export interface ChangesProps {
  readonly project: string;
  readonly stage: string;
  /** Name or alias. */
  readonly freight: string;
  readonly isRollback: boolean;
}

const MOST_COMMITS = 8;
const TICKET = /\b[A-Z][A-Z0-9]+-\d+\b/g;
/** What a commit's first line says that going back does not undo. */
const MIGRATION = /\bmigrat|\bschema\b|\bddl\b/i;

/** What would be there instead of what is: artifacts, and the commits between them. */
export function Changes({ project, stage, freight, isRollback }: ChangesProps) {
  const { api } = useServices();
  const title = useId();
  const { data, error, refetch } = useQuery({
    queryKey: ["compare", project, stage, freight],
    queryFn: ({ signal }) =>
      api.get<Comparison>(path`towpath/v1/projects/${project}/compare` + query({ from: `stage/${stage}`, to: `freight/${freight}` }), signal),
    enabled: freight !== "",
  });
  const changed = data?.artifacts.filter((each) => each.change !== "same") ?? [];
  const same = (data?.artifacts.length ?? 0) - changed.length;
  const migrations = isRollback ? changed.flatMap((each) => [...each.removedCommits, ...each.commits]).filter((each) => MIGRATION.test(each.subject)) : [];
  return (
    <section className={styles.section} aria-labelledby={title}>
      <h3 id={title}>What changes</h3>
      {error !== null && <Problem what="What changes" error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && freight !== "" && <Loading what="what changes" rows={2} />}
      {data !== undefined && changed.length === 0 && <p className={styles.muted}>The same artifacts are there already.</p>}
      {migrations.length > 0 && (
        <p className={styles.warning}>
          <strong>It does not undo migrations.</strong> {migrations.length === 1 ? "A commit between says" : `${migrations.length} commits between say`} “{migrations[0]?.subject}”.
        </p>
      )}
      {changed.length > 0 && (
        <table className={styles.table}>
          <tbody>
            {changed.map((each) => (
              <tr key={`${each.kind} ${each.name} ${each.origin}`}>
                <th scope="row">
                  {each.name} <span className={styles.muted}>{each.kind}</span>
                </th>
                <td>
                  {each.before === "" ? <span className={styles.muted}>nothing</span> : <Version text={each.before} />}
                  <span className={styles.arrow}> → </span>
                  {each.after === "" ? <span className={styles.muted}>nothing</span> : <Version text={each.after} strong />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {changed.map((each) => (
        <Commits key={`${each.kind} ${each.name} ${each.origin}`} artifact={each} />
      ))}
      {same > 0 && (
        <p className={styles.muted}>
          {same} {same === 1 ? "artifact stays" : "artifacts stay"} the same
        </p>
      )}
      {data !== undefined && data.leftOut > 0 && <p className={styles.muted}>{data.leftOut} more are not compared</p>}
    </section>
  );
}

function Commits({ artifact }: { readonly artifact: Artifact }) {
  const all = [...artifact.removedCommits.map((each) => ({ ...each, isRemoved: true })), ...artifact.commits.map((each) => ({ ...each, isRemoved: false }))];
  const tickets = [...new Set(all.flatMap((each) => each.subject.match(TICKET) ?? []))];
  if (all.length === 0) return artifact.unknown === "" ? null : <p className={styles.muted}>{artifact.name}: its commits are not known: {artifact.unknown}</p>;
  const isMore = artifact.isCut || artifact.isRemovedCut;
  return (
    <details className={styles.commits} open={all.length <= MOST_COMMITS}>
      <summary>
        {artifact.name}: {all.length}
        {isMore ? " or more" : ""} {all.length === 1 ? "commit" : "commits"}
        {tickets.length === 0 ? "" : ` · ${tickets.slice(0, 6).join(", ")}${tickets.length > 6 ? ", …" : ""}`}
      </summary>
      <ul>
        {all.map((each) => (
          <li key={each.id}>
            <code>{each.id.slice(0, 7)}</code> {each.isRemoved && <strong>taken back: </strong>}
            {each.subject} <span className={styles.muted}>{each.author}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
