import { memo, useState, type FocusEvent, type MouseEvent } from "react";
import { Guarded } from "@/shared/parts/Guarded.tsx";
import { SegmentBar } from "@/shared/state/SegmentBar.tsx";
import { worst, type Role } from "@/shared/state/roles.ts";
import { Glyph } from "@/shared/state/Glyph.tsx";
import { Cell } from "./Cell.tsx";
import { CellTools } from "./CellTools.tsx";
import { GAP, placeId, type BoardRow, type ColumnPlace, type Place } from "./layout.ts";
import type { Lens, LensCell } from "@/shared/lens/lens.ts";
import { usePast } from "./past.ts";
import { rowArrival } from "./rowArrival.ts";
import type { FreightInfo, StageInfo } from "./read.ts";
import { moment } from "@/shared/time/words.ts";
import { cellName, lensLine, thirdLine } from "./words.ts";
import styles from "./grid.module.css";

export interface GridRowProps {
  readonly row: BoardRow;
  readonly top: number;
  readonly firstLine: number;
  readonly columns: readonly ColumnPlace[];
  /** How high a cell is. */
  readonly cell: number;
  /** The columns that are drawn: those in sight, and one on each side. */
  readonly from: number;
  readonly to: number;
  readonly freight: ReadonlyMap<string, FreightInfo>;
  readonly upstream: ReadonlyMap<string, ReadonlySet<string>>;
  readonly lens: Lens | null;
  readonly selected: ReadonlySet<string>;
  /** The one place that Tab stops at, if it is in this row. */
  readonly stopId: string | null;
  readonly now: number;
  readonly onFocusPlace: (id: string, place: Place) => void;
  readonly onPress: (event: MouseEvent, place: Place) => void;
  readonly onSelect: (names: readonly string[], isAdding: boolean) => void;
}

const NONE: ReadonlySet<string> = new Set();

/** One row of the board. A fan that is open has lines of its own; each is a row to who cannot see the board. */
export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { row, top, firstLine, columns, cell, from, to, freight, upstream, lens, selected, stopId, now, onFocusPlace, onPress, onSelect } = props;
  const lines = Array.from({ length: row.lines }, (_, line) => row.places.filter((each) => each.line === line).sort((a, b) => a.col - b.col));
  return (
    <div role="rowgroup" className={styles.row} style={{ transform: `translateY(${top}px)`, height: row.height }}>
      {lines.map((places, line) => (
        <div key={line} role="row" aria-rowindex={firstLine + line + 2} className={styles.line} style={{ top: GAP + line * (cell + GAP) }}>
          {line === 0 && (
            <div role="rowheader" aria-colindex={1} className={styles.title} style={{ height: cell }}>
              <button
                type="button"
                tabIndex={-1}
                title={`Select all Stages of ${row.title}`}
                onClick={() => onSelect(row.places.flatMap((each) => (each.kind === "stage" ? [each.stage.name] : each.stages.map((one) => one.name))), true)}
              >
                {row.title}
              </button>
              {lens !== null && <Arrival row={row} lens={lens} now={now} />}
            </div>
          )}
          {places.map((place) => {
            const column = columns[place.col];
            const id = placeId(row, place);
            const isStop = stopId === id;
            // What Tab stops at is there, wherever one has scrolled to.
            if (column === undefined || ((place.col < from || place.col > to) && !isStop)) return null;
            return (
              <GridPlace
                key={id}
                id={id}
                place={place}
                column={column}
                cell={cell}
                hasArrow={hasNeighbour(row, place)}
                freight={freight}
                upstream={place.kind === "stage" ? upstream.get(place.stage.name) : undefined}
                lens={lens}
                isSelected={place.kind === "stage" ? selected.has(place.stage.name) : place.stages.every((each) => selected.has(each.name))}
                isStop={isStop}
                now={now}
                onFocusPlace={onFocusPlace}
                onPress={onPress}
              />
            );
          })}
        </div>
      ))}
    </div>
  );
});

/** When the selected Freight could be at the end of this row. */
function Arrival({ row, lens, now }: { readonly row: BoardRow; readonly lens: Lens; readonly now: number }) {
  const text = rowArrival(row, lens, now);
  return text === "" ? null : <span className={styles.arrival}>{text}</span>;
}

interface GridPlaceProps extends Pick<GridRowProps, "cell" | "freight" | "lens" | "now" | "onFocusPlace" | "onPress"> {
  readonly id: string;
  readonly place: Place;
  readonly column: ColumnPlace;
  readonly hasArrow: boolean;
  readonly upstream: ReadonlySet<string> | undefined;
  readonly isSelected: boolean;
  readonly isStop: boolean;
}

/** Drawn anew only when something of it changes: the focus moves over hundreds of them. */
const GridPlace = memo(function GridPlace({ id, place, column, cell, hasArrow, freight, upstream = NONE, lens, isSelected, isStop, now, onFocusPlace, onPress }: GridPlaceProps) {
  const [isNear, setNear] = useState(false);
  const [isIn, setIn] = useState(false);
  const past = usePast();
  const isOther = past !== null && (place.kind === "stage" ? past.others.has(place.stage.name) : place.stages.some((each) => past.others.has(each.name)));
  const name = `${place.kind === "stage" ? cellName(place.stage, freight, lens?.get(place.stage.name), now) : fanName(place.stages)}${isOther ? ", something else is there now" : ""}`;
  return (
    // The grid hears the keys; a press with the mouse is the same as Enter.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      role="gridcell"
      aria-colindex={place.col + 2}
      aria-selected={isSelected}
      aria-expanded={place.kind === "fan" ? place.isOpen : undefined}
      tabIndex={isStop ? 0 : -1}
      data-place={id}
      data-arrow={hasArrow ? "" : undefined}
      data-other={isOther ? "" : undefined}
      className={`${styles.place} ${isSelected ? styles.selected : ""}`}
      style={{ left: column.left, width: column.width, height: cell }}
      onFocus={() => {
        setIn(true);
        onFocusPlace(id, place);
      }}
      onBlur={(event: FocusEvent) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setIn(false);
      }}
      onPointerEnter={(event) => event.pointerType === "mouse" && setNear(true)}
      onPointerLeave={() => setNear(false)}
      onClick={(event) => onPress(event, place)}
    >
      <span className="hidden">{name}</span>
      <Guarded of={place.kind === "stage" ? place.stage : place} instead={() => <span className={styles.unreadable}>{place.kind === "stage" ? place.stage.name : ""} cannot be read</span>}>
        {place.kind === "fan" ? (
          <Fan place={place} lens={lens} />
        ) : column.isFlow ? (
          <FlowBar stage={place.stage} lens={lens?.get(place.stage.name)} now={now} />
        ) : (
          <Cell stage={place.stage} freight={freight} lens={lens?.get(place.stage.name)} upstream={upstream} now={now} />
        )}
      </Guarded>
      {(isNear || isIn) && place.kind === "stage" && <CellTools stage={place.stage} />}
    </div>
  );
});

function Fan({ place, lens }: { readonly place: Place & { kind: "fan" }; readonly lens: Lens | null }) {
  const roles = place.stages.map((each) => lens?.get(each.name)?.meaning.role ?? each.meaning.role);
  return (
    <span className={styles.fan} data-role={worst(roles)} aria-hidden="true">
      <span className={styles.fanHead}>
        <span className={styles.fanName}>{commonName(place.stages)}</span>
        <span className={styles.fanCount}>{place.stages.length}</span>
      </span>
      <SegmentBar roles={roles} label={counted(roles, place.stages, lens)} />
      <span className={styles.fanWords}>{counted(roles, place.stages, lens)}</span>
    </span>
  );
}

/** A Stage that only controls the flow: a thin bar between columns. Where time opens it, it says until when it is shut. */
function FlowBar({ stage, lens, now }: { readonly stage: StageInfo; readonly lens: LensCell | undefined; readonly now: number }) {
  const { role, word } = lens?.meaning ?? stage.meaning;
  const line = lens === undefined ? thirdLine(stage, now) : lensLine(lens, now);
  const until = (lens === undefined ? stage.blocker?.opensAt : lens.opensAt) ?? 0;
  return (
    <span className={styles.flow} title={[`${stage.name}: ${word}`, line].filter((each) => each !== "").join(", ")} data-role={role} aria-hidden="true">
      <Glyph role={role} />
      <span className={styles.flowName}>{stage.name}</span>
      {word !== "Control flow" && <span className={styles.flowWord}>{word}</span>}
      {until > now && <span className={styles.flowWord}>until {moment(until, now)}</span>}
    </span>
  );
}

/** Whether an edge comes from the column before it, in the same row: those alone are drawn always. */
function hasNeighbour(row: BoardRow, place: Place): boolean {
  const stages = place.kind === "stage" ? [place.stage] : place.stages;
  const before = row.places.filter((each) => each.col === place.col - 1).flatMap((each) => (each.kind === "stage" ? [each.stage.name] : each.stages.map((one) => one.name)));
  return stages.some((each) => each.up.some((name) => before.includes(name)));
}

/** What the names of siblings have in common: `prod-*`. */
export function commonName(stages: readonly StageInfo[]): string {
  const names = stages.map((each) => each.name);
  const first = names[0] ?? "";
  let length = first.length;
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length -= 1;
  return length < 2 ? `${first}, …` : `${first.slice(0, length)}*`;
}

function counted(roles: readonly Role[], stages: readonly StageInfo[], lens: Lens | null): string {
  const words = stages.map((each) => (lens?.get(each.name)?.meaning.word ?? each.meaning.word).toLowerCase());
  const kinds = [...new Set(words)].map((word) => [words.filter((each) => each === word).length, word, roles[words.indexOf(word)]] as const);
  const bad = worst(roles);
  return [...kinds]
    .sort((a, b) => Number(b[2] === bad) - Number(a[2] === bad) || b[0] - a[0])
    .map(([count, word]) => `${count} ${word}`)
    .join(", ");
}

function fanName(stages: readonly StageInfo[]): string {
  return `${commonName(stages)}, ${stages.length} Stages: ${counted(stages.map((each) => each.meaning.role), stages, null)}`;
}
