import { useRef } from "react";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Age } from "@/shared/parts/Age.tsx";
import { Guarded } from "@/shared/parts/Guarded.tsx";
import { Version } from "@/shared/parts/Version.tsx";
import { Glyph } from "@/shared/state/Glyph.tsx";
import { SegmentBar } from "@/shared/state/SegmentBar.tsx";
import type { Role } from "@/shared/state/roles.ts";
import type { Cell, ProjectRow } from "./read.ts";
import styles from "./overview.module.css";

const ROW = 66;
/** From so many rows on, those alone are drawn that are in sight. */
const VIRTUAL_FROM = 60;
export const WORD: Readonly<Record<Role, string>> = { ok: "steady", run: "moving", wait: "waits", fail: "failed", held: "held", none: "empty" };

/** Projects by environments: the version of each, how it is, since when, and how far behind. */
export function Table({ environments, projects }: { readonly environments: readonly string[]; readonly projects: readonly ProjectRow[] }) {
  const box = useRef<HTMLDivElement>(null);
  const isVirtual = projects.length > VIRTUAL_FROM;
  const virtual = useVirtualizer({ count: projects.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 8, enabled: isVirtual });
  const items = virtual.getVirtualItems();
  const drawn = isVirtual ? items.flatMap(({ index }) => projects[index] ?? []) : projects;
  const [before, after] = isVirtual ? [items[0]?.start ?? 0, virtual.getTotalSize() - (items.at(-1)?.end ?? 0)] : [0, 0];
  if (projects.length === 0) return <p className={styles.nothing}>No project fits the filter.</p>;
  return (
    // A box that scrolls is reached by the keyboard as well.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={isVirtual ? styles.tall : styles.box} ref={box} tabIndex={isVirtual ? 0 : -1} role="group" aria-label="What is where">
      <table className={styles.table} aria-rowcount={projects.length + 1}>
        <thead>
          <tr>
            <th scope="col">Project</th>
            {environments.map((each) => (
              <th key={each} scope="col">
                {each}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <tr style={{ height: before }} />}
          {drawn.map((project) => (
            <Row key={project.name} project={project} environments={environments} />
          ))}
          {after > 0 && <tr style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  );
}

function Row({ project, environments }: { readonly project: ProjectRow; readonly environments: readonly string[] }) {
  return (
    <tr style={{ height: ROW }}>
      <th scope="row">
        <Link to="/p/$project" params={{ project: project.name }} className={styles.project}>
          {project.name}
        </Link>
      </th>
      {environments.map((env) => {
        const cell = project.cells.get(env);
        return (
          <td key={env} data-env={env} className={cell === undefined ? styles.absent : `${styles.cell} ${styles[cell.role]}`}>
            {cell === undefined ? (
              <span title="no Stage">–</span>
            ) : (
              <Guarded of={cell} instead={() => <span>cannot be read</span>}>
                <CellText cell={cell} />
              </Guarded>
            )}
          </td>
        );
      })}
    </tr>
  );
}

export function CellText({ cell }: { readonly cell: Cell }) {
  const more = cell.versionCount - cell.versions.length;
  return (
    <>
      <span className={styles.versions}>
        <Glyph role={cell.role} />
        {cell.versions.length === 0 && <span className={styles.muted}>nothing yet</span>}
        {cell.versions.map((each) => (
          <Version key={each} text={each} most={cell.versions.length > 1 ? 12 : 32} strong />
        ))}
        {more > 0 && <span className={styles.muted}>+{more}</span>}
      </span>
      {cell.stages > 1 && <SegmentBar roles={cell.roles} label={counted(cell.roles)} />}
      <span className={styles.meta}>
        <span>{cell.stages > 1 ? `${cell.stages} Stages, worst ${WORD[cell.role]}` : WORD[cell.role]}</span>
        {cell.since > 0 && <Age since={cell.since} />}
        {cell.behind > 0 && <span>{cell.behind} behind</span>}
      </span>
    </>
  );
}

function counted(roles: readonly Role[]): string {
  return (Object.keys(WORD) as Role[])
    .map((role) => [roles.filter((each) => each === role).length, WORD[role]] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(", ");
}
