import { useEffect, useMemo, useState, type RefObject } from "react";
import { useNow, useServices } from "@/shared/services.ts";
import { StageCard } from "./StageCard.tsx";
import { edgesOf, spotsOf } from "./edges.ts";
import type { Layout } from "./layout.ts";
import type { BoardInfo } from "./read.ts";
import styles from "./focusLayer.module.css";

const DELAY = 120;
const CARD_WIDTH = 340;
/** The buttons of a cell hang below it. */
const BELOW_TOOLS = 30;

export interface FocusLayerProps {
  readonly board: BoardInfo;
  readonly layout: Layout;
  /** How far down the first row begins, in pixels. */
  readonly head: number;
  /** What scrolls, and holds the places. */
  readonly box: RefObject<HTMLElement | null>;
}

/** Over the grid, for the one Stage that has the focus or the pointer: all of its edges, and a card. Escape puts the card away. */
export function FocusLayer({ board, layout, head, box }: FocusLayerProps) {
  const { stage: name, isShut } = usePointed(box);
  const now = useNow(10);
  const spots = useMemo(() => spotsOf(layout, head), [layout, head]);
  const stage = name === null ? undefined : board.stages.find((each) => each.name === name);
  const spot = stage === undefined ? undefined : spots.get(stage.name);
  if (stage === undefined || spot === undefined) return null;
  const left = Math.max(0, Math.min(spot.left, Math.max(spot.left + spot.width, layout.width) - CARD_WIDTH));
  return (
    <>
      <svg className={styles.edges} width={layout.width} height={Math.max(...[...spots.values()].map((each) => each.top + each.height))} aria-hidden="true">
        {edgesOf(board, stage.name, spots).map(({ from, to, path }) => (
          <path key={`${from} ${to}`} d={path} data-edge={`${from} ${to}`} />
        ))}
      </svg>
      {!isShut && (
        <div role="tooltip" className={styles.card} style={{ left, top: spot.top + spot.height + BELOW_TOOLS, width: CARD_WIDTH }}>
          <StageCard key={stage.name} board={board} stage={stage} now={now} />
        </div>
      )}
    </>
  );
}

/** Which Stage the pointer has rested on, or the keyboard's focus, and whether its card was put away. */
function usePointed(box: RefObject<HTMLElement | null>) {
  const { clock } = useServices();
  const [stage, setStage] = useState<string | null>(null);
  const [isShut, setShut] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    let cancel: () => void = () => undefined;
    const point = (next: string | null, isNow: boolean) => {
      cancel();
      cancel = clock.after(isNow ? 0 : DELAY, () => {
        setStage(next);
        setShut(false);
      });
    };
    const over = (event: Event) => point(stageAt(event.target), false);
    const focused = (event: Event) => {
      // A click focuses as well: it opens something, and no card is to lie over that.
      const target = event.target;
      const next = target instanceof Element && target.matches(":focus-visible") ? stageAt(target) : null;
      // While keys lead on, cell after cell, nothing is drawn for each.
      setStage((was) => (was === next ? was : null));
      point(next, next === null);
    };
    const left = () => point(null, false);
    // Where the focus has gone, Escape is for what it has gone to.
    const blurred = () => point(null, true);
    element.addEventListener("pointerover", over);
    element.addEventListener("pointerleave", left);
    element.addEventListener("focusin", focused);
    element.addEventListener("focusout", blurred);
    return () => {
      cancel();
      element.removeEventListener("pointerover", over);
      element.removeEventListener("pointerleave", left);
      element.removeEventListener("focusin", focused);
      element.removeEventListener("focusout", blurred);
    };
  }, [box, clock]);
  useEffect(() => {
    if (stage === null || isShut) return undefined;
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      // Beside the board there may be a sheet or a panel: whoever is in it closes that, wherever the pointer rests.
      const at = document.activeElement;
      if (at !== null && at !== document.body && box.current?.contains(at) === false) return;
      setShut(true);
      // The card is what goes first: the lens and the panel stay for the next Escape.
      event.stopPropagation();
    };
    window.addEventListener("keydown", escape, true);
    return () => window.removeEventListener("keydown", escape, true);
  }, [stage, isShut, box]);
  return { stage, isShut };
}

function stageAt(target: EventTarget | null): string | null {
  const place = target instanceof Element ? target.closest<HTMLElement>("[data-place]")?.dataset.place : undefined;
  return place?.startsWith("stage:") === true ? place.slice("stage:".length) : null;
}
