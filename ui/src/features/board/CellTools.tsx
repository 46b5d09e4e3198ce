import { useState, type MouseEvent } from "react";
import { Menu } from "@mantine/core";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useLiveness } from "@/shared/services.ts";
import { useLastMove } from "./lastMove.ts";
import { missing, useMove } from "./moves.ts";
import { usePast } from "./past.ts";
import type { StageInfo } from "./read.ts";
import styles from "./tools.module.css";

export interface CellToolsProps {
  readonly stage: StageInfo;
  /** On touch they are there always, below the cell. */
  readonly isBelow?: boolean;
}

const MORE = [
  ["downstream", "Promote what is here downstream"],
  ["approve", "Approve Freight for it"],
  ["hold", "Hold"],
  ["resume", "End the hold"],
  ["verify", "Verify again"],
] as const;

/** What can be done with one Stage. What may not be done says which right is missing. */
export function CellTools({ stage, isBelow = false }: CellToolsProps) {
  const move = useMove();
  const { mayAct } = useLiveness();
  const { project = "" }: { project?: string } = useParams({ strict: false });
  // What was cannot be acted on.
  const past = usePast();
  if (stage.isFlow || past !== null) return null;
  const off = (kind: Parameters<typeof missing>[1]): string => (mayAct ? missing(stage, kind) : "What is shown may be out of date");
  const [promote, rollback] = [off("promote"), off("rollback")];
  const quiet = (event: MouseEvent) => event.stopPropagation();
  return (
    // What is pressed here is no press on the cell below.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
    <span className={isBelow ? `${styles.tools} ${styles.below}` : styles.tools} onClick={quiet}>
      <button type="button" tabIndex={isBelow ? 0 : -1} disabled={promote !== ""} title={promote || undefined} aria-label={`Promote to ${stage.name}`} onClick={() => move("promote", [stage.name])}>
        Promote
      </button>
      <button type="button" tabIndex={isBelow ? 0 : -1} disabled={rollback !== ""} title={rollback || undefined} aria-label={`Roll back ${stage.name}`} onClick={() => move("rollback", [stage.name])}>
        Roll back
      </button>
      {stage.promotion !== "" && (
        <Link to="/p/$project/promotion/$id" params={{ project, id: stage.promotion }} tabIndex={isBelow ? 0 : -1} aria-label={`Log of ${stage.name}`}>
          Log
        </Link>
      )}
      <More project={project} stage={stage} isBelow={isBelow} off={off} />
    </span>
  );
}

interface MoreProps extends Required<CellToolsProps> {
  readonly project: string;
  readonly off: (kind: (typeof MORE)[number][0]) => string;
}

/** What is done seldom, and where the last move is told of: both are asked for when the menu opens. */
function More({ project, stage, isBelow, off }: MoreProps) {
  const move = useMove();
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const last = useLastMove(project, stage, isOpen);
  return (
    <Menu position="bottom-end" returnFocus withInitialFocusPlaceholder={false} opened={isOpen} onChange={setOpen}>
      <Menu.Target>
        <button type="button" tabIndex={isBelow ? 0 : -1} data-menu={stage.name} aria-label={`More for ${stage.name}`}>
          ⋯
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {MORE.filter(([kind]) => (kind === "resume" ? stage.hold !== null : kind !== "hold" || stage.hold === null)).map(([kind, label]) => (
          <Menu.Item key={kind} disabled={off(kind) !== ""} title={off(kind) || undefined} onClick={() => move(kind, [stage.name])}>
            {label}
          </Menu.Item>
        ))}
        {last !== null && last.promotion !== "" && (
          <Menu.Item onClick={() => void navigate({ to: "/p/$project/promotion/$id", params: { project, id: last.promotion } })}>The Promotion that brought it</Menu.Item>
        )}
        {last?.commits
          .filter((each) => each.url !== "")
          .map((each) => (
            <Menu.Item key={each.text} component="a" href={each.url} target="_blank" rel="noreferrer noopener">
              Commit {each.text} <span aria-hidden="true">↗</span>
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}
