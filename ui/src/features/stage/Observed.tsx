import { Link } from "@tanstack/react-router";
import { called, useBoard } from "@/shared/board/names.ts";
import { Age } from "@/shared/parts/Age.tsx";
import { PromotionLink } from "@/shared/parts/PromotionLink.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { StateWord } from "@/shared/state/StateWord.tsx";
import type { World } from "./read.ts";
import styles from "./stage.module.css";

/** The queue, how well it is, Argo CD's Applications, and hooks that wait, run or have failed. */
export function Observed({ project, world }: { readonly project: string; readonly world: World | null }) {
  const { names } = useBoard(project);
  if (world === null) return null;
  return (
    <div className={styles.stack}>
      <Section title="Queue" note={world.queue.length === 0 ? "nothing is under way or waits" : `${world.queue.length}, the first goes first`}>
        <ol className={styles.list}>
          {world.queue.map((each) => (
            <li key={each.promotion} className={styles.item}>
              <StateWord meaning={each.meaning} />
              <PromotionLink project={project} promotion={each.promotion} className={page.textLink}>
                {called(names, each.freight)}
              </PromotionLink>
            </li>
          ))}
        </ol>
      </Section>
      <Section title="Health" note={world.since > 0 && <>for <Age since={world.since} /></>}>
        <p>
          <StateWord meaning={world.health} tinted />
        </p>
        {world.drift !== "" && <p className={page.refused}>{world.drift}</p>}
        {world.issues.map((each) => (
          <p key={each}>{each}</p>
        ))}
        {world.connection !== "" && <p className={page.muted}>Argo CD {world.connection}</p>}
        <ul className={styles.list}>
          {world.applications.map((each) => (
            <li key={each.name} className={styles.item}>
              <StateWord meaning={each.health} />
              {each.link === "" ? (
                <span>{each.name}</span>
              ) : (
                <a className={page.textLink} href={each.link} target="_blank" rel="noreferrer noopener">
                  {each.name} <span aria-hidden="true">↗</span>
                </a>
              )}
              <span className={page.muted}>
                {each.sync} <span className={page.mono}>{each.revisions.map((one) => one.slice(0, 7)).join(", ")}</span>
              </span>
            </li>
          ))}
        </ul>
      </Section>
      {world.hooks.length > 0 && (
        <Section title="Hooks" note="that wait, run or have failed">
          <ul className={styles.list}>
            {world.hooks.map((each) => (
              <li key={each.run} className={styles.item}>
                <StateWord meaning={each.meaning} />
                <span>
                  {each.hook} <span className={page.muted}>on {each.event}{each.isBlocking ? ", promotions wait for it" : ""}</span>
                </span>
                <span className={page.muted}>{each.message}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <p>
        <Link to="/history" search={{ project, kind: "verification" }} className={page.textLink}>
          All verifications of {project}
        </Link>
      </p>
    </div>
  );
}
