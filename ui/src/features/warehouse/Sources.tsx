import { Section } from "@/shared/parts/Section.tsx";
import { When } from "@/shared/parts/When.tsx";
import { Version } from "@/shared/parts/Version.tsx";
import page from "@/shared/parts/page.module.css";
import { Empty } from "@/shared/parts/Panel.tsx";
import { zoneWords } from "@/shared/time/words.ts";
import type { Source } from "./read.ts";
import styles from "./warehouse.module.css";

export interface SourcesProps {
  readonly sources: readonly Source[];
  readonly subscriptions: number;
}

/** What the last look found at each source, the one that wins first, and by which rule it does. */
export function Sources({ sources, subscriptions }: SourcesProps) {
  const note = `${sources.length} of ${subscriptions} ${subscriptions === 1 ? "source" : "sources"} answered`;
  return (
    <Section title="What it found" note={note}>
      {sources.length === 0 && (
        <Empty title="Nothing has been found yet">
          <p>{subscriptions === 0 ? "It subscribes to nothing: add spec.subscriptions." : "What keeps it is told below, under Conditions."}</p>
        </Empty>
      )}
      <div className={page.columns}>
        {sources.map((each) => (
          <OneSource key={each.id} source={each} />
        ))}
      </div>
    </Section>
  );
}

function OneSource({ source }: { readonly source: Source }) {
  return (
    <section className={page.section} aria-label={source.where}>
      <h3 className={styles.where}>
        <span className={page.kind}>{source.kind}</span> {source.where}
      </h3>
      {source.rule !== "" && <p className={`${page.muted} ${page.mono}`}>{source.rule}</p>}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard */}
      <div className={`${page.box} ${styles.tall}`} tabIndex={0} role="region" aria-label={`Found at ${source.where}`}>
        <table className={page.table}>
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">Details</th>
              <th scope="col">Made ({zoneWords(source.candidates[0]?.at)})</th>
            </tr>
          </thead>
          <tbody>
            {source.candidates.map((each, place) => (
              <tr key={place}>
                <th scope="row">
                  <Version text={each.version} most={30} strong={place === 0} />
                  {place === 0 && <span className={page.muted}> wins</span>}
                </th>
                <td>{each.detail.startsWith("sha256:") ? <Version text={each.detail} most={20} /> : each.detail}</td>
                <td className={page.once}>
                  <When at={each.at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
