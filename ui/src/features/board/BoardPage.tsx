import { useCallback, useMemo, useState } from "react";
import { useMediaQuery, useViewportSize } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { WireBoard, WireLens } from "@/shared/api/documents.ts";
import { path, query } from "@/shared/api/paths.ts";
import { useMoving } from "@/shared/moves/address.ts";
import { useShortcuts } from "@/shared/keyboard/shortcuts.ts";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import { useDocument, useNow, useServices } from "@/shared/services.ts";
import { boardOf } from "@/shared/stream/topics.ts";
import { WhyPanel } from "@/shared/why/WhyPanel.tsx";
import { BoardHead, SelectionBar } from "./BoardHead.tsx";
import { Grid } from "./Grid.tsx";
import { Lanes, LensBar } from "./Lanes.tsx";
import { ListView } from "./ListView.tsx";
import { PhoneBoard } from "./PhoneBoard.tsx";
import { filtered } from "./filter.ts";
import { useHolder, type Holder } from "./holder.ts";
import { AROUND, COMPACT_HEIGHT, ROW_HEIGHT, layOut } from "./layout.ts";
import { useDensity } from "@/shared/theme/density.ts";
import { readLens } from "@/shared/lens/lens.ts";
import { PastBoard } from "./PastBoard.tsx";
import { TimeBar } from "./TimeBar.tsx";
import { readMoment, written as writtenMoment } from "./past.ts";
import { keep, kept } from "@/shared/kept.ts";
import { MovesProvider, freightFor, type Move } from "./moves.ts";
import { readBoard, type BoardInfo, type FreightInfo } from "./read.ts";
import type { BoardSearch } from "./search.ts";
import { boardShortcuts } from "./shortcuts.ts";
import { useAddress } from "./useAddress.ts";
import { useAnnounced } from "./useAnnounced.ts";
import styles from "./board.module.css";

/** The panel of why, where it stands beside the board. */
const WHY_WIDTH = 420;

/** A Project: what is where, how it gets there, and, with a Freight selected, what that means everywhere; or what was there at a moment. */
export function BoardPage() {
  const { project = "" }: { project?: string } = useParams({ strict: false });
  const { at: written = "" }: BoardSearch = useSearch({ strict: false });
  const at = readMoment(written);
  const change = useAddress(project);
  const [isTimed, setTimed] = useState(() => kept("time") === "on");
  const toMoment = useCallback((to: number | undefined) => change({ at: to === undefined ? undefined : writtenMoment(to) }), [change]);
  const isShown = isTimed || at !== undefined;
  const onTime = useCallback(() => {
    setTimed(!isShown);
    keep("time", isShown ? "off" : "on");
    if (at !== undefined) toMoment(undefined);
  }, [at, isShown, toMoment]);
  useShortcuts(useMemo(() => [{ keys: "t", label: "Time: what was everywhere at a moment", group: "Board", run: onTime }], [onTime]));
  return (
    <div className={styles.page}>
      {isShown && <TimeBar key={project} project={project} at={at} onChange={toMoment} onClose={onTime} />}
      {at === undefined ? <Now project={project} isTimed={isTimed} onTime={onTime} /> : <PastBoard key={project} project={project} at={at} onNow={() => toMoment(undefined)} />}
    </div>
  );
}

interface NowProps {
  readonly project: string;
  readonly isTimed: boolean;
  readonly onTime: () => void;
}

function Now({ project, isTimed, onTime }: NowProps) {
  const { document, error, retry } = useDocument<WireBoard>(boardOf(project));
  const board = useMemo(() => (document === null ? null : readBoard(document)), [document]);
  const now = useNow(10);
  return (
    <>
      {error !== null && <Problem what={`Project ${project}`} error={error} retry={retry} age={document === null ? undefined : now - Date.parse(document.at) / 1000} />}
      {board === null && error === null && <Loading what={`the Stages of ${project}`} rows={6} />}
      {board !== null && document !== null && <Board key={project} board={board} rev={document.rev} isTimed={isTimed} onTime={onTime} />}
    </>
  );
}

function Board({ board, rev, isTimed, onTime }: Omit<NowProps, "project"> & { readonly board: BoardInfo; readonly rev: number }) {
  const search: BoardSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const isPhone = useMediaQuery("(max-width: 600px)");
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  // What keys act on. Nothing is drawn by it: the focus moves over hundreds of cells.
  const focused = useHolder<string | null>(null);
  const change = useAddress(board.project);
  const onChoose = useCallback((freight: string | null) => change({ freight: freight ?? undefined }), [change]);
  const shown = useMemo(() => filtered(board, search.q ?? ""), [board, search.q]);
  const { width } = useViewportSize();
  const room = width - AROUND - (search.why === undefined ? 0 : WHY_WIDTH);
  const cell = useDensity() === "compact" ? COMPACT_HEIGHT : ROW_HEIGHT;
  const layout = useMemo(() => layOut(shown, toggled, room, cell), [shown, toggled, room, cell]);
  const chosen = useMemo(() => chosenFreight(board, search.freight), [board, search.freight]);
  const lens = useLens(board.project, search.freight, rev);
  const onSelect = useCallback((names: readonly string[], isAdding: boolean) => setSelected((was) => taken(was, names, isAdding)), []);
  const onToggleFan = useCallback((key: string) => setToggled((was) => taken(was, [key], true)), []);
  const onOpen = useCallback((stage: string) => change({ why: stage }), [change]);
  const onSort = useCallback((sort: string) => change({ sort }), [change]);
  const view = search.view ?? "board";
  const moving = useMoving();
  const move = useCallback<Move>((kind, names) => names.length > 0 && moving.open(kind, names, freightFor(board, kind, names, search.freight ?? "")), [board, moving, search.freight]);
  const openLog = useCallback((id: string) => (id === "" ? undefined : void navigate({ to: "/p/$project/promotion/$id", params: { project: board.project, id } })), [navigate, board.project]);
  const shortcuts = useMemo(
    () =>
      boardShortcuts({
        move: (kind) => move(kind, selected.size > 0 ? [...selected] : stageIn(focused)),
        menu: () => window.document.querySelector<HTMLElement>(`[data-menu="${CSS.escape(focused.get() ?? "")}"]`)?.click(),
        log: () => openLog(board.stages.find((each) => each.name === focused.get())?.promotion ?? ""),
        why: () => stageIn(focused).forEach((why) => change({ why })),
        lens: () => change({ freight: search.freight === undefined ? freightIn(board, focused.get()) : undefined }),
        view: () => change({ view: view === "board" ? "list" : undefined }),
        select: () => onSelect(stageIn(focused), true),
        filter: () => window.document.getElementById("filter")?.focus(),
        back: () => (search.why !== undefined ? change({ why: undefined }) : selected.size > 0 ? setSelected(new Set()) : change({ freight: undefined })),
      }),
    [board, change, focused, move, onSelect, openLog, search.freight, search.why, selected, view],
  );
  useShortcuts(shortcuts);
  useAnnounced(board);

  if (board.stages.length === 0) return <NoStages board={board} />;
  return (
    <MovesProvider value={move}>
      <BoardHead board={shown} search={search} isTimed={isTimed} onTime={onTime} onChange={change} />
      <Lanes board={board} chosen={chosen} onChoose={onChoose} />
      {chosen !== null && <LensBar project={board.project} freight={chosen} onEnd={() => change({ freight: undefined })} />}
      {search.freight !== undefined && lens.error !== null && <Problem what={`What ${search.freight} means`} error={lens.error} retry={lens.retry} />}
      <div className={styles.body}>
        {shown.stages.length === 0 ? (
          <Empty title={`No Stage fits ${search.q ?? ""}`} />
        ) : isPhone ? (
          <PhoneBoard board={shown} lens={lens.cells} onOpen={onOpen} />
        ) : view === "list" ? (
          <ListView board={shown} lens={lens.cells} selected={selected} sort={search.sort} onSort={onSort} onSelect={onSelect} onOpen={onOpen} />
        ) : (
          <Grid board={shown} layout={layout} lens={lens.cells} selected={selected} onToggleFan={onToggleFan} onSelect={onSelect} onOpen={onOpen} onFocusStage={focused.set} />
        )}
        {search.why !== undefined && (
          <WhyPanel project={board.project} stage={search.why} freight={search.freight} rev={rev} onClose={() => change({ why: undefined })} />
        )}
      </div>
      {selected.size > 0 && <SelectionBar board={board} selected={selected} onClear={() => setSelected(new Set())} />}
    </MovesProvider>
  );
}

const stageIn = (focused: Holder<string | null>): readonly string[] => {
  const stage = focused.get();
  return stage === null ? [] : [stage];
};

/** What a Stage holds, as an address names it. */
function freightIn(board: BoardInfo, stage: string | null): string | undefined {
  const name = board.stages.find((each) => each.name === stage)?.freight[0];
  return name === undefined ? undefined : board.freight.get(name)?.alias || name;
}

function chosenFreight(board: BoardInfo, wanted: string | undefined): FreightInfo | null {
  if (wanted === undefined) return null;
  return board.freight.get(wanted) ?? [...board.freight.values()].find((each) => each.alias === wanted) ?? null;
}

/** The lens is asked for again when the board has moved on. What it said before stays meanwhile. */
function useLens(project: string, freight: string | undefined, rev: number) {
  const { api } = useServices();
  const { data, error, refetch } = useQuery({
    queryKey: ["lens", project, freight, rev],
    queryFn: ({ signal }) => api.get<WireLens>(path`towpath/v1/projects/${project}/lens` + query({ freight }), signal),
    enabled: freight !== undefined,
    placeholderData: (before, query) => (query?.queryKey[2] === freight ? before : undefined),
  });
  const cells = useMemo(() => (data === undefined || freight === undefined ? null : readLens(data)), [data, freight]);
  return { cells, error, retry: () => void refetch() };
}

/** Members put in, or taken out if all of them are there already. */
function taken(was: ReadonlySet<string>, names: readonly string[], isAdding: boolean): ReadonlySet<string> {
  if (!isAdding) return new Set(names);
  const next = new Set(was);
  const areThere = names.every((each) => was.has(each));
  for (const name of names) {
    if (areThere) next.delete(name);
    else next.add(name);
  }
  return next;
}

function NoStages({ board }: { readonly board: BoardInfo }) {
  return (
    <Empty title={`${board.project} has no Stage that you may see`}>
      <p>{board.lanes.length === 0 ? "It has no Warehouse either. A Warehouse finds versions, and Stages take them:" : "Its Warehouses find versions; Stages take them:"}</p>
      <pre>towpath apply -f stages.yaml</pre>
    </Empty>
  );
}
