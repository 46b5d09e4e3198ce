import { Fragment } from "react";
import { arrival, gateWords } from "../lens/lens.ts";
import { useNow } from "../services.ts";
import { Glyph } from "../state/Glyph.tsx";
import { LENS, meaning } from "../state/roles.ts";
import type { Explanation } from "./read.ts";
import styles from "./why.module.css";

/** What follows: the Stages behind, and when the Freight could come there, a range where nobody knows it better. */
export function AndThen({ explanation, stage }: { readonly explanation: Explanation; readonly stage: string }) {
  const now = useNow(10);
  const behind = explanation.onward.filter((each) => each.stage !== stage);
  if (behind.length === 0) return null;
  return (
    <section className={styles.then} aria-label="And then" data-why="then">
      <h3>And then</h3>
      <ol>
        {behind.map((each) => {
          const { role, word } = meaning(LENS, each.state);
          const when = arrival(each, now);
          return (
            <li key={each.stage}>
              <Glyph role={role} />
              <strong>{each.stage}</strong>
              <span className={styles.muted}>
                {[when, word, each.state === "waits" && each.gate !== "" ? gateWords(each.gate) : ""]
                  .filter((part) => part !== "")
                  .map((part, place) => (
                    <Fragment key={part}>
                      {place === 0 ? "" : " · "}
                      {part}
                    </Fragment>
                  ))}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
