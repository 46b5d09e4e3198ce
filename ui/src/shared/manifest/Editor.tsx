import { useId, useRef, type KeyboardEvent } from "react";
import styles from "./manifest.module.css";

export interface EditorProps {
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
  /** What is wrong, by line: 0 where it is of none. */
  readonly marks: readonly { readonly line: number; readonly message: string }[];
  readonly isReadOnly: boolean;
  readonly onConfirm: () => void;
}

/** Text with numbers of its lines, those that are wrong marked. A field of the browser's own: its undo, its keyboards, its screen readers. */
export function Editor({ label, text, onChange, marks, isReadOnly, onConfirm }: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const count = text.split("\n").length;
  const wrong = new Set(marks.map((each) => each.line));
  const go = (line: number) => {
    const place = text.split("\n", line - 1).reduce((total, each) => total + each.length + 1, 0);
    area.current?.focus();
    area.current?.setSelectionRange(place, place + (text.slice(place).split("\n", 1)[0]?.length ?? 0));
  };
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    if (event.metaKey || event.ctrlKey) {
      event.preventDefault();
      onConfirm();
      return;
    }
    const { value, selectionStart } = event.currentTarget;
    const before = value.slice(value.lastIndexOf("\n", selectionStart - 1) + 1, selectionStart);
    const indent = /^ */.exec(before)?.[0] ?? "";
    if (indent === "" || isReadOnly) return;
    event.preventDefault();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- no other way keeps what the browser can undo
    document.execCommand("insertText", false, `\n${indent}`);
  };
  return (
    <div className={styles.editor}>
      <div className={styles.scroller}>
        <div className={styles.gutter} aria-hidden="true">
          {Array.from({ length: count }, (_, place) => (
            <span key={place} className={wrong.has(place + 1) ? styles.wrongLine : undefined}>
              {wrong.has(place + 1) ? `! ${place + 1}` : place + 1}
            </span>
          ))}
        </div>
        <textarea
          ref={area}
          className={styles.area}
          aria-label={label}
          aria-invalid={marks.length > 0 || undefined}
          aria-describedby={marks.length > 0 ? id : undefined}
          rows={count}
          value={text}
          readOnly={isReadOnly}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          autoComplete="off"
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={onKey}
        />
      </div>
      {marks.length > 0 && (
        <ul id={id} className={styles.marks}>
          {marks.map((each, place) => (
            <li key={place}>
              {each.line > 0 ? (
                <button type="button" className={styles.mark} onClick={() => go(each.line)}>
                  Line {each.line}
                </button>
              ) : null}{" "}
              {each.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
