import { Section } from "@/shared/parts/Section.tsx";
import { Version } from "@/shared/parts/Version.tsx";
import page from "@/shared/parts/page.module.css";
import { byType, type Change, type CommitLine } from "./read.ts";
import styles from "./compare.module.css";

const SIGNS: Readonly<Record<string, string>> = { added: "comes", removed: "goes away", changed: "", same: "the same" };

/** Each artifact that differs, and the commits between. */
export function Changes({ changes }: { readonly changes: readonly Change[] }) {
  return changes.map((each, place) => (
    <Section
      key={place}
      title={each.name}
      note={
        <>
          {each.kind}{" "}
          <span className={styles.versions}>
            {each.before !== "" && <Version text={each.before} most={30} />} <span aria-label="to">→</span> {each.after !== "" && <Version text={each.after} most={30} strong />}
          </span>{" "}
          {SIGNS[each.change] ?? each.change}
        </>
      }
    >
      {each.unknown !== "" && (
        <p className={styles.unknown}>
          Its commits are not known: {each.unknown}.{" "}
          {each.kind === "image" && each.change === "changed" && "An image names its commit in the label org.opencontainers.image.revision, and its repository in org.opencontainers.image.source: set both where it is built."}
        </p>
      )}
      {byType(each.commits).map(([type, commits]) => (
        <Commits key={type} title={type} commits={commits} sign="+" />
      ))}
      {each.removed.length > 0 && <Commits title="taken back" commits={each.removed} sign="−" />}
      {each.isCut && <p className={page.muted}>There are more commits than are shown.</p>}
    </Section>
  ));
}

function Commits({ title, commits, sign }: { readonly title: string; readonly commits: readonly CommitLine[]; readonly sign: string }) {
  return (
    <div>
      {title !== "" && <h3 className={styles.type}>{title}</h3>}
      <ul>
        {commits.map((each, place) => (
          <li key={place} className={styles.commit}>
            <span className={sign === "+" ? styles.added : styles.removed}>{sign}</span>
            <span className={page.mono}>{each.id.slice(0, 7)}</span>
            <span className={styles.subject}>{each.subject}</span>
            <span className={page.muted}>{each.author}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
