import { useCallback, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useNow } from "@/shared/services.ts";
import { FocusLayer } from "./FocusLayer.tsx";
import { GridRow } from "./GridRow.tsx";
import { GAP, ROW_TITLE_WIDTH, moved, placeId, type Direction, type Layout, type Place } from "./layout.ts";
import type { Lens } from "@/shared/lens/lens.ts";
import type { BoardInfo, StageInfo } from "./read.ts";
import { artifactsOf, versionOf } from "./words.ts";
import styles from "./grid.module.css";

export interface GridProps {
  readonly board: BoardInfo;
  readonly layout: Layout;
  readonly lens: Lens | null;
  readonly selected: ReadonlySet<string>;
  readonly onToggleFan: (key: string) => void;
  readonly onSelect: (names: readonly string[], isAdding: boolean) => void;
  readonly onOpen: (stage: string) => void;
  /** Told where the keyboard is: what a shortcut acts on. */
  readonly onFocusStage: (stage: string | null) => void;
}

const KEYS: Readonly<Record<string, Direction>> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", Home: "home", End: "end" };
const HEAD = 36;

/** The pipeline as a matrix: an ARIA grid with one tab stop, of which those rows are drawn that are in sight. */
export function Grid({ board, layout, lens, selected, onToggleFan, onSelect, onOpen, onFocusStage }: GridProps) {
  const box = useRef<HTMLDivElement>(null);
  const now = useNow(10);
  const [focused, setFocused] = useState<string | null>(null);
  const { rows } = layout;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => rows[index]?.height ?? 0,
    getItemKey: (index) => `${rows[index]?.index ?? index}:${rows[index]?.height ?? 0}`,
    overscan: 2,
    paddingStart: HEAD,
    paddingEnd: BELOW,
    scrollPaddingStart: HEAD,
  });
  const { columns } = layout;
  const across = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (columns[index]?.width ?? 0) + GAP * 2,
    getItemKey: (index) => `${index}:${columns[index]?.width ?? 0}`,
    overscan: 1,
    paddingStart: ROW_TITLE_WIDTH,
    scrollPaddingStart: ROW_TITLE_WIDTH,
  });
  const drawn = across.getVirtualItems();
  const starts = useMemo(() => lineStarts(layout), [layout]);
  const byId = useMemo(() => indexed(layout), [layout]);
  const upstream = useMemo(() => upstreamVersions(board), [board]);
  const at = byId.get(focused ?? "") ?? byId.values().next().value;

  // Where the focus is to go once its row, and the place in it, are drawn.
  const awaited = useRef<string | null>(null);
  const goTo = useCallback((id: string): boolean => {
    const there = box.current?.querySelector<HTMLElement>(`[data-place="${CSS.escape(id)}"]`);
    there?.focus();
    return there != null;
  }, []);
  useLayoutEffect(() => {
    if (awaited.current !== null && goTo(awaited.current)) awaited.current = null;
  });
  const focus = useCallback(
    (id: string, row: number, col: number) => {
      setFocused(id);
      virtual.scrollToIndex(row, { align: "auto" });
      across.scrollToIndex(col, { align: "auto" });
      awaited.current = goTo(id) ? null : id;
    },
    [virtual, across, goTo],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target instanceof Element ? event.target : null;
    // The menu of a cell hangs in it, and stands elsewhere: its keys are its own.
    if (at === undefined || event.altKey || !event.currentTarget.contains(target)) return;
    const isPlace = target?.matches("[role=grid], [role=gridcell]") === true;
    const isFar = event.ctrlKey || event.metaKey;
    const direction = event.key === "Home" && isFar ? "first" : event.key === "End" && isFar ? "last" : isFar ? undefined : KEYS[event.key];
    if (direction !== undefined) {
      const to = moved(layout, { row: at.row, col: at.place.col, line: at.place.line }, direction);
      const found = [...byId.values()].find((each) => each.row === to.row && each.place.col === to.col && each.place.line === to.line);
      if (found !== undefined) focus(found.id, found.row, found.place.col);
      event.preventDefault();
    } else if (isPlace && event.key === "Enter") {
      act(at.place, onToggleFan, onOpen);
      event.preventDefault();
    } else if (isPlace && event.key === " ") {
      onSelect(stagesOf(at.place), true);
      event.preventDefault();
    }
  };

  const onFocusPlace = useCallback(
    (id: string, place: Place) => {
      awaited.current = null;
      setFocused(id);
      onFocusStage(place.kind === "stage" ? place.stage.name : null);
    },
    [onFocusStage],
  );
  const onPress = useCallback(
    (event: MouseEvent, place: Place) => {
      if (event.shiftKey || event.metaKey || event.ctrlKey) onSelect(stagesOf(place), true);
      else act(place, onToggleFan, onOpen);
    },
    [onSelect, onToggleFan, onOpen],
  );

  return (
    <div ref={box} className={styles.box} data-scrolls="">
      <div
        role="grid"
        tabIndex={-1}
        aria-label={`Stages of ${board.project}`}
        aria-rowcount={(starts.at(-1) ?? 0) + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable="true"
        className={styles.grid}
        style={{ height: virtual.getTotalSize(), width: layout.width }}
        onKeyDown={onKeyDown}
      >
        <div role="row" aria-rowindex={1} className={styles.head} style={{ width: layout.width }}>
          <div role="columnheader" aria-colindex={1} className={styles.corner}>
            <span className="hidden">Row</span>
          </div>
          {columns.map((column, place) => (
            <div key={place} role="columnheader" aria-colindex={place + 2} className={styles.column} style={{ left: column.left, width: column.width }}>
              <span title={column.title}>{column.title}</span>
            </div>
          ))}
        </div>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <GridRow
              key={row.index}
              row={row}
              top={start}
              firstLine={starts[index] ?? 0}
              columns={columns}
              cell={layout.cell}
              from={drawn[0]?.index ?? 0}
              to={drawn.at(-1)?.index ?? columns.length}
              freight={board.freight}
              upstream={upstream}
              lens={lens}
              selected={selected}
              stopId={at?.row === index ? at.id : null}
              now={now}
              onFocusPlace={onFocusPlace}
              onPress={onPress}
              onSelect={onSelect}
            />
          );
        })}
      </div>
      <FocusLayer board={board} layout={layout} head={HEAD} box={box} />
    </div>
  );
}

export const stagesOf = (place: Place): readonly string[] => (place.kind === "stage" ? [place.stage.name] : place.stages.map((each) => each.name));

function act(place: Place, onToggleFan: (key: string) => void, onOpen: (stage: string) => void): void {
  if (place.kind === "fan") onToggleFan(place.key);
  else onOpen(place.stage.name);
}

/** Room for the buttons below the last row. */
const BELOW = 28;

/** How many lines stand above each row, and above the end. */
function lineStarts(layout: Layout): readonly number[] {
  const starts = [0];
  for (const row of layout.rows) starts.push((starts.at(-1) ?? 0) + row.lines);
  return starts;
}

function indexed(layout: Layout): ReadonlyMap<string, { readonly id: string; readonly row: number; readonly place: Place }> {
  return new Map(layout.rows.flatMap((row, at) => row.places.map((place) => [placeId(row, place), { id: placeId(row, place), row: at, place }] as const)));
}

/** For each Stage the versions of those before it: none where it takes them from a Warehouse. */
function upstreamVersions(board: BoardInfo): ReadonlyMap<string, ReadonlySet<string>> {
  const byName = new Map<string, StageInfo>(board.stages.map((each) => [each.name, each]));
  return new Map(
    board.stages.map((stage) => {
      const before = stage.up.flatMap((name) => byName.get(name) ?? []);
      return [stage.name, new Set(before.flatMap((each) => artifactsOf(each, board.freight).map(versionOf)))];
    }),
  );
}
