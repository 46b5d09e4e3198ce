import { useEffect, useId, useMemo, useRef } from "react";
import { useShortcuts } from "@/shared/keyboard/shortcuts.ts";
import { HoldToConfirm } from "@/shared/parts/HoldToConfirm.tsx";
import type { Verdict } from "./words.ts";
import styles from "./move.module.css";

export interface FooterProps {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly isNeeded: boolean;
  readonly isDone: boolean;
  readonly onReason: (reason: string) => void;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
  /** Promotions that were made although other targets were refused. */
  readonly promotions: readonly string[];
  readonly onWatch: (promotions: readonly string[]) => void;
}

const MOST = 1024;

/** Why, and the buttons: the one that confirms says what it does, and beside it stands why it does not. */
export function Footer({ verdict, reason, isNeeded, isDone, onReason, onConfirm, onCancel, promotions, onWatch }: FooterProps) {
  const [field, why] = [useId(), useId()];
  const shortcuts = useMemo(() => [{ keys: "Mod+Enter", label: "Confirm", group: "Sheet", run: onConfirm }], [onConfirm]);
  useShortcuts(shortcuts);
  const end = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isDone) end.current?.focus();
  }, [isDone]);
  if (isDone) {
    return (
      <footer className={styles.foot}>
        <div className={styles.buttons}>
          {promotions.length > 0 && (
            <button type="button" className={styles.button} onClick={() => onWatch(promotions)}>
              Watch {promotions.length === 1 ? "the Promotion" : `${promotions.length} Promotions`}
            </button>
          )}
          <button ref={end} type="button" className={styles.confirm} onClick={onCancel}>
            Close
          </button>
        </div>
      </footer>
    );
  }
  return (
    <footer className={styles.foot}>
      <label htmlFor={field} className={styles.label}>
        Reason{isNeeded ? "" : <span className={styles.muted}> (kept on record)</span>}
      </label>
      <textarea id={field} className={styles.reason} rows={2} maxLength={MOST} value={reason} onChange={(event) => onReason(event.target.value)} />
      {verdict.why !== "" && (
        <p id={why} className={styles.why} data-verdict={verdict.canConfirm ? "can" : "cannot"}>
          {verdict.why}
        </p>
      )}
      <div className={styles.buttons}>
        <HoldToConfirm label={verdict.label} isOff={!verdict.canConfirm} onConfirm={onConfirm} />
        <button type="button" className={styles.button} onClick={onCancel}>
          Cancel
        </button>
        <button type="button" className={styles.confirm} disabled={!verdict.canConfirm} aria-describedby={verdict.why === "" ? undefined : why} data-confirm="" onClick={onConfirm}>
          {verdict.label}
        </button>
      </div>
    </footer>
  );
}
