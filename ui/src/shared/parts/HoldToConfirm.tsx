import { useEffect, useRef, useState, type PointerEvent } from "react";
import { useServices } from "../services.ts";
import styles from "./hold.module.css";

export interface HoldToConfirmProps {
  readonly label: string;
  readonly isOff: boolean;
  readonly onConfirm: () => void;
}

/** Milliseconds: longer than a touch that was not meant, shorter than patience. */
export const HELD_FOR = 700;

/**
 * A button that is pressed for a moment, where a thumb touches things it did not mean to. It is drawn on phones alone, and an
 * ordinary button that does the same stands beside it: keys and screen readers have that one.
 */
export function HoldToConfirm({ label, isOff, onConfirm }: HoldToConfirmProps) {
  const { clock } = useServices();
  const [isHeld, setHeld] = useState(false);
  const newest = useRef(onConfirm);
  useEffect(() => {
    newest.current = onConfirm;
  }, [onConfirm]);
  const isPressed = isHeld && !isOff;
  useEffect(() => {
    if (!isPressed) return undefined;
    return clock.after(HELD_FOR, () => {
      setHeld(false);
      newest.current();
    });
  }, [clock, isPressed]);
  const press = (event: PointerEvent<HTMLButtonElement>) => {
    if (event.button !== 0) return;
    // A touch holds on to what it began on: let go, so that a finger that slides off takes it back.
    if (event.currentTarget.hasPointerCapture(event.pointerId)) event.currentTarget.releasePointerCapture(event.pointerId);
    setHeld(true);
  };
  const letGo = () => setHeld(false);
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-hidden="true"
      className={styles.hold}
      disabled={isOff}
      data-hold={isPressed ? "held" : "idle"}
      onPointerDown={press}
      onPointerUp={letGo}
      onPointerLeave={letGo}
      onPointerCancel={letGo}
      onContextMenu={(event) => event.preventDefault()}
    >
      <span className={styles.fill} />
      <span className={styles.label}>Press and hold: {label}</span>
    </button>
  );
}
