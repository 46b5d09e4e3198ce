import { memo, useCallback, useMemo, useRef, useState } from "react";
import { Link } from "@tanstack/react-router";
import { Icon } from "@/shared/parts/Icon.tsx";
import { Version } from "@/shared/parts/Version.tsx";
import { Age } from "@/shared/parts/Age.tsx";
import { useNow } from "@/shared/services.ts";
import { lanesOf, type Lane, type LaneItem } from "./lanes.ts";
import type { BoardInfo, FreightInfo } from "./read.ts";
import { freightTitle, nextLook, versionOf } from "./words.ts";
import styles from "./lanes.module.css";

export interface LanesProps {
  readonly board: BoardInfo;
  readonly chosen: FreightInfo | null;
  readonly onChoose: (freight: string | null) => void;
}

/** One lane for each Warehouse: what it made, the newest on the left, and which columns hold it. */
export function Lanes({ board, chosen, onChoose }: LanesProps) {
  const lanes = useMemo(() => lanesOf(board), [board]);
  return (
    <section className={styles.lanes} aria-label="Freight by Warehouse">
      {lanes.map((lane) => (
        <LaneStrip key={lane.name} lane={lane} board={board} chosen={chosen} onChoose={onChoose} />
      ))}
    </section>
  );
}

function LaneStrip({ lane, board, chosen, onChoose }: LanesProps & { readonly lane: Lane }) {
  const [isOpen, setOpen] = useState(false);
  const now = useNow(5);
  const strip = useRef<HTMLUListElement>(null);
  const turn = useCallback((isNow: boolean) => {
    // The button that was pressed goes: the focus stays in the strip.
    strip.current?.querySelector("button")?.focus({ preventScroll: true });
    setOpen(isNow);
  }, []);
  const onUnfold = useCallback(() => turn(true), [turn]);
  const items = isOpen ? lane.all : lane.items;
  return (
    <div className={styles.lane}>
      <h2 className={styles.name}>
        <span className={styles.badge} aria-hidden="true">
          {lane.name.slice(0, 1).toUpperCase()}
        </span>
        <Link to="/p/$project/warehouse/$warehouse" params={{ project: board.project, warehouse: lane.name }}>
          {lane.name}
        </Link>
      </h2>
      {/* A strip that scrolls is reached by the keyboard through its chips. */}
      <ul ref={strip} className={styles.chips}>
        {items.map((item) => (
          <LaneChip
            key={item.kind === "freight" ? item.freight.name : `unused ${item.freight[0]?.name ?? ""}`}
            item={item}
            board={board}
            isChosen={item.kind === "freight" && chosen?.name === item.freight.name}
            onChoose={onChoose}
            onUnfold={onUnfold}
          />
        ))}
        {isOpen && (
          <li>
            <button type="button" className={styles.unused} onClick={() => turn(false)}>
              Fold the unused
            </button>
          </li>
        )}
        {items.length === 0 && <li className={styles.end}>nothing has been found yet</li>}
        <li className={lane.error === "" ? styles.end : `${styles.end} ${styles.error}`}>{lane.error === "" ? nextLook(lane.next, now) : `cannot look: ${lane.error}`}</li>
      </ul>
    </div>
  );
}

interface LaneChipProps extends Pick<LanesProps, "board" | "onChoose"> {
  readonly item: LaneItem;
  readonly isChosen: boolean;
  readonly onUnfold: () => void;
}

const LaneChip = memo(function LaneChip({ item, board, isChosen, onChoose, onUnfold }: LaneChipProps) {
  if (item.kind === "unused") {
    return (
      <li>
        <button type="button" className={styles.unused} onClick={onUnfold}>
          {item.freight.length} unused
        </button>
      </li>
    );
  }
  const { freight, holders, fresh } = item;
  return (
    <li>
      <button
        type="button"
        className={isChosen ? `${styles.chip} ${styles.chosen}` : styles.chip}
        aria-pressed={isChosen}
        data-freight={freight.name}
        title={freight.artifacts.map((each) => `${each[1]} ${versionOf(each)}`).join("\n")}
        onClick={() => onChoose(isChosen ? null : freight.alias || freight.name)}
      >
        <span className={styles.chipHead}>
          <span className={styles.alias}>{freightTitle(freight)}</span>
          <span className={styles.age}>
            <Age since={freight.time} />
          </span>
        </span>
        <span className={styles.versions}>
          {freight.artifacts.slice(0, 3).map((each, place) => (
            <Version key={place} text={versionOf(each)} most={freight.artifacts.length > 1 ? 11 : 26} strong={fresh.has(place)} />
          ))}
          {freight.artifacts.length > 3 && <span>+{freight.artifacts.length - 3}</span>}
        </span>
        <Holders columns={holders} board={board} />
      </button>
    </li>
  );
});

const MOST_HOLDERS = 3;

function Holders({ columns, board }: { readonly columns: readonly number[]; readonly board: BoardInfo }) {
  const titles = columns.map((each) => board.columns[each]?.title ?? "");
  return (
    <span className={styles.holders}>
      {titles.length === 0 && <span className={styles.nowhere}>nowhere</span>}
      {titles.slice(-MOST_HOLDERS).map((title, place) => (
        <span key={place} className={styles.holder}>
          {title}
        </span>
      ))}
      {titles.length > MOST_HOLDERS && <span className={styles.nowhere}>+{titles.length - MOST_HOLDERS}</span>}
    </span>
  );
}

/** The bar that says that the lens is on, and ends it. */
export function LensBar({ project, freight, onEnd }: { readonly project: string; readonly freight: FreightInfo; readonly onEnd: () => void }) {
  return (
    <p className={styles.bar}>
      <Icon name="lens" />
      <span>
        Every cell says what{" "}
        <Link to="/p/$project/freight/$freight" params={{ project, freight: freight.alias || freight.name }}>
          <strong>{freightTitle(freight)}</strong>
        </Link>{" "}
        {freight.artifacts[0] !== undefined && <Version text={versionOf(freight.artifacts[0])} strong />} means there
      </span>
      <button type="button" className={styles.clear} onClick={onEnd}>
        Back to what is there <kbd>Esc</kbd>
      </button>
    </p>
  );
}
