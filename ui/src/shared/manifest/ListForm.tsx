import type { ReactNode } from "react";
import page from "../parts/page.module.css";
import { listAt, type Fields } from "./fields.ts";
import type { Path } from "./text.ts";
import styles from "./manifest.module.css";

export interface ListFormProps {
  readonly fields: Fields;
  readonly path: Path;
  /** What the list is of, such as "policy": `Add a policy`, `Remove policy 2`. */
  readonly one: string;
  readonly title: string;
  readonly note?: ReactNode;
  /** Said where the list is empty. */
  readonly empty: string;
  /** A new member. */
  readonly make: () => unknown;
  /** Whether the order counts, so that members can be moved. */
  readonly isOrdered?: boolean;
  readonly children: (path: Path, place: number) => ReactNode;
}

/** A list within a manifest: its members one below the other, each to remove, and to move where the order counts. */
export function ListForm({ fields, path, one, title, note, empty, make, isOrdered = false, children }: ListFormProps) {
  const members = listAt(fields.value, path);
  const swap = (place: number) => {
    const next = [...members];
    [next[place - 1], next[place]] = [next[place], next[place - 1]];
    fields.set(path, next);
  };
  const remove = (place: number) => fields.set(path, members.length === 1 ? undefined : members.filter((_, other) => other !== place));
  return (
    <fieldset className={`${page.plain} ${styles.list}`} disabled={fields.isOff}>
      <legend>{title}</legend>
      {note !== undefined && <p className={page.note}>{note}</p>}
      {members.length === 0 && <p className={page.muted}>{empty}</p>}
      <ol className={styles.members}>
        {members.map((_, place) => (
          <li key={place} className={styles.member}>
            {children([...path, place], place)}
            <span className={styles.memberTools}>
              {isOrdered && place > 0 && (
                <button type="button" className={page.button} onClick={() => swap(place)} aria-label={`Up: ${one} ${place + 1}`}>
                  Up
                </button>
              )}
              <button type="button" className={page.button} onClick={() => remove(place)} aria-label={`Remove ${one} ${place + 1}`}>
                Remove
              </button>
            </span>
          </li>
        ))}
      </ol>
      <button type="button" className={page.button} onClick={() => fields.set([...path, members.length], make())}>
        Add a {one}
      </button>
    </fieldset>
  );
}
