import { Link } from "@tanstack/react-router";
import { person } from "@/shared/people.ts";
import { Version } from "@/shared/parts/Version.tsx";
import { useNow } from "@/shared/services.ts";
import { PROMOTION, meaning } from "@/shared/state/roles.ts";
import { Glyph } from "@/shared/state/Glyph.tsx";
import { exactly, span } from "@/shared/time/words.ts";
import type { MoveLine } from "./read.ts";
import styles from "./overview.module.css";

/** The last moves, as sentences. */
export function Moves({ moves }: { readonly moves: readonly MoveLine[] }) {
  return (
    <section aria-labelledby="moves">
      <div className={styles.head}>
        <h2 id="moves">Last moves</h2>
        {moves.length === 0 && <span className={styles.muted}>Nothing has been promoted yet</span>}
      </div>
      <ol className={styles.lines}>
        {moves.map((move) => (
          <Sentence key={move.promotion} move={move} />
        ))}
      </ol>
    </section>
  );
}

export function Sentence({ move }: { readonly move: MoveLine }) {
  const now = useNow(10);
  const { role, word } = meaning(PROMOTION, move.phase);
  const isOver = move.finished > 0;
  return (
    <li className={styles.sentence}>
      <Glyph role={role} />
      <span>
        {person(move.actor)} {verb(move.phase)} <Version text={move.version} most={32} strong /> →{" "}
        <Link to="/p/$project" params={{ project: move.project }} search={{ freight: move.freight }}>
          {move.project} / {move.stage}
        </Link>
        <span className={styles.muted}>
          , <time title={exactly(move.created)}>{span(now - move.created)} ago</time>
          {isOver ? `, took ${span(move.finished - move.created)}` : `, ${word.toLowerCase()}`}
        </span>
      </span>
    </li>
  );
}

function verb(phase: string): string {
  switch (phase) {
    case "Succeeded":
      return "moved";
    case "Failed":
    case "Errored":
      return "failed to move";
    case "Aborted":
      return "began and aborted moving";
    default:
      return "is moving";
  }
}
