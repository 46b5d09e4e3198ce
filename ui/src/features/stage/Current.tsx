import { Link } from "@tanstack/react-router";
import { useBoard } from "@/shared/board/names.ts";
import { Age } from "@/shared/parts/Age.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import { Version } from "@/shared/parts/Version.tsx";
import { PromotionLink } from "@/shared/parts/PromotionLink.tsx";
import page from "@/shared/parts/page.module.css";
import { currentOf, type Stay } from "./read.ts";
import styles from "./stage.module.css";

export interface CurrentProps {
  readonly project: string;
  readonly stays: readonly Stay[] | null;
  readonly sources: readonly string[];
}

/** What is in the Stage, of each origin, with all of its artifacts. */
export function Current({ project, stays, sources }: CurrentProps) {
  const { names } = useBoard(project);
  const current = stays === null ? [] : currentOf(stays);
  return (
    <Section title="In it now" note={stays !== null && current.length === 0 ? "nothing yet" : `takes ${sources.join("; ")}`}>
      <ul className={styles.current}>
        {current.map((stay) => {
          const freight = names.get(stay.freight);
          return (
            <li key={stay.origin} className={styles.freight}>
              <Link to="/p/$project/freight/$freight" params={{ project, freight: stay.freight }} className={styles.name}>
                {freight?.alias || stay.freight.slice(0, 7)}
              </Link>
              <span className={page.muted}>
                {stay.origin.replace("Warehouse/", "")} · <Age since={stay.since} />
                {stay.promotion !== "" && (
                  <>
                    {" · "}
                    <PromotionLink project={project} promotion={stay.promotion}>
                      promotion
                    </PromotionLink>
                  </>
                )}
              </span>
              {(freight?.artifacts ?? []).map(([, label, version], place) => (
                <span key={place}>
                  <Version text={version} most={36} strong /> <span className={page.muted}>{label}</span>
                </span>
              ))}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
