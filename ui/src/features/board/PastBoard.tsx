import { useCallback, useMemo, useState } from "react";
import { useMediaQuery, useViewportSize } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { WireBoard } from "@/shared/api/documents.ts";
import { path, query } from "@/shared/api/paths.ts";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import page from "@/shared/parts/page.module.css";
import { useShortcuts } from "@/shared/keyboard/shortcuts.ts";
import { ServicesProvider, useServices } from "@/shared/services.ts";
import { useDensity } from "@/shared/theme/density.ts";
import { exactly } from "@/shared/time/words.ts";
import { Grid } from "./Grid.tsx";
import { PhoneBoard } from "./PhoneBoard.tsx";
import { AROUND, COMPACT_HEIGHT, ROW_HEIGHT, layOut } from "./layout.ts";
import { PastProvider, standing, written } from "./past.ts";
import { readBoard } from "./read.ts";
import styles from "./timeBar.module.css";

export interface PastBoardProps {
  readonly project: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly onNow: () => void;
}

const NONE: ReadonlySet<string> = new Set();
const nothing = (): void => undefined;

/** What was everywhere at a moment: to look at. Nothing can be done with it, and what is different now is marked. */
export function PastBoard({ project, at, onNow }: PastBoardProps) {
  const services = useServices();
  const { api } = services;
  const { data, error, refetch } = useQuery({
    queryKey: ["board-at", project, at],
    queryFn: ({ signal }) => api.get<WireBoard>(path`towpath/v1/projects/${project}/board` + query({ at: written(at) }), signal),
    // What was shown before stays until the other moment has come.
    placeholderData: (before, asked) => (asked?.queryKey[1] === project ? before : undefined),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const then = useMemo(() => ({ ...services, serverClock: standing(at) }), [services, at]);
  useShortcuts(useMemo(() => [{ keys: "Escape", label: "Back to now", group: "Board", run: onNow }], [onNow]));
  const past = useMemo(() => ({ at, others: new Set(data?.now ?? []) }), [at, data]);
  return (
    <PastProvider value={past}>
      <section className={styles.past} aria-label="The past" data-past={written(at)}>
        <p className={styles.banner} role="status">
          <strong>As it was {exactly(at)}</strong> Looking, not acting. {past.others.size === 0 ? "Everything holds the same now." : `${past.others.size} ${past.others.size === 1 ? "Stage holds" : "Stages hold"} something else now.`}
          <Link to="/history" search={{ project, from: String(at) }}>
            What moved since
          </Link>
          <button type="button" className={page.button} onClick={onNow}>
            Back to now
          </button>
        </p>
        {error !== null && <Problem what="What was then" error={error} retry={() => void refetch()} />}
        {data === undefined && error === null && <Loading what="what was then" rows={6} />}
        {data !== undefined && (
          <ServicesProvider value={then}>
            <Shown document={data} />
          </ServicesProvider>
        )}
      </section>
    </PastProvider>
  );
}

function Shown({ document }: { readonly document: WireBoard }) {
  const board = useMemo(() => readBoard(document), [document]);
  const isPhone = useMediaQuery("(max-width: 600px)");
  const { width } = useViewportSize();
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const onToggleFan = useCallback((key: string) => setToggled((was) => (was.has(key) ? new Set([...was].filter((each) => each !== key)) : new Set([...was, key]))), []);
  // What it was since, and is, its own page tells.
  const navigate = useNavigate();
  const onOpen = useCallback((stage: string) => void navigate({ to: "/p/$project/stage/$stage", params: { project: board.project, stage } }), [navigate, board.project]);
  const cell = useDensity() === "compact" ? COMPACT_HEIGHT : ROW_HEIGHT;
  const layout = useMemo(() => layOut(board, toggled, width - AROUND, cell), [board, toggled, width, cell]);
  if (board.stages.length === 0) return <Empty title="There was no Stage then that you may see" />;
  return (
    <div className={styles.body}>
      {isPhone ? (
        <PhoneBoard board={board} lens={null} onOpen={onOpen} />
      ) : (
        <Grid board={board} layout={layout} lens={null} selected={NONE} onToggleFan={onToggleFan} onSelect={nothing} onOpen={onOpen} onFocusStage={nothing} />
      )}
    </div>
  );
}
