import { useEffect, useId, useMemo, useRef, type KeyboardEvent, type ReactNode } from "react";
import { useShortcuts } from "../keyboard/shortcuts.ts";
import { CloseButton } from "./CloseButton.tsx";
import styles from "./sheet.module.css";

export interface SheetProps {
  readonly title: string;
  /** Which sheet it is: what marks it for styles and tests. */
  readonly name: string;
  readonly isWide?: boolean;
  /** What it is about: where that changes, and the focus was on what is gone, it goes on with the head. */
  readonly turn?: string;
  /** Whether a turn takes the focus wherever it was. */
  readonly isTaking?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** What acts on a page stands beside it, in a sheet; over all of it on a phone. It takes the focus, gives it back, and goes with Escape. */
export function Sheet({ title, name, isWide = false, turn = "", isTaking = false, onClose, children }: SheetProps) {
  const id = useId();
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    head.current?.focus();
    return () => {
      // Back to where it was opened from, unless somebody has gone elsewhere meanwhile.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => {
    // What was pressed is gone: the focus goes on with what the sheet has become.
    if (document.activeElement === null || document.activeElement === document.body || isTaking) head.current?.focus();
  }, [turn, isTaking]);
  const shortcuts = useMemo(() => [{ keys: "Escape", label: "Close the sheet", group: "Sheet", run: onClose }], [onClose]);
  useShortcuts(shortcuts);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    onClose();
  };
  return (
    // Escape closes it wherever the focus is inside.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <aside role="dialog" aria-labelledby={id} className={styles.sheet} data-wide={isWide ? "" : undefined} data-move={name} onKeyDown={onKeyDown}>
      <header className={styles.head}>
        <h2 id={id} ref={head} tabIndex={-1}>
          {title}
        </h2>
        <CloseButton onClose={onClose} />
      </header>
      {children}
    </aside>
  );
}
