import { Glyph } from "./Glyph.tsx";
import type { Meaning } from "./roles.ts";
import styles from "./state.module.css";

export interface StateWordProps {
  readonly meaning: Meaning;
  /** What follows the word, such as `3/7`. */
  readonly detail?: string | undefined;
  readonly tinted?: boolean;
}

/** A state: glyph, word and colour, never one of them alone. */
export function StateWord({ meaning, detail, tinted = false }: StateWordProps) {
  return (
    <span className={tinted ? `${styles.word} ${styles.pill} ${styles[`${meaning.role}Tint`]}` : styles.word}>
      <Glyph role={meaning.role} />
      <span>
        {meaning.word}
        {detail === undefined ? "" : ` ${detail}`}
      </span>
    </span>
  );
}
