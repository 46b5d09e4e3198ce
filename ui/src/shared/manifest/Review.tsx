import { useMemo } from "react";
import { DiffView } from "../diff/DiffView.tsx";
import { patchOf } from "../diff/lines.ts";
import page from "../parts/page.module.css";
import type { Reviewed } from "./useManifest.ts";
import styles from "./manifest.module.css";

/** What saving would make of it: the server has tried it, and kept nothing. */
export function Review({ reviewed }: { readonly reviewed: Reviewed }) {
  const patch = useMemo(() => patchOf(reviewed.before, reviewed.after), [reviewed]);
  return (
    <section className={styles.review} aria-label="What would change">
      <div role="status">
        <h3>{patch === "" ? "Nothing would change" : reviewed.before === "" ? "This would be made" : "This would change"}</h3>
      </div>
      <p className={page.muted}>The server has tried it and kept nothing; what it adds by itself is in it.</p>
      {reviewed.warnings.length > 0 && (
        <ul className={styles.warnings} aria-label="Warnings">
          {reviewed.warnings.map((each, place) => (
            <li key={place}>{each}</li>
          ))}
        </ul>
      )}
      {patch !== "" && <DiffView patch={patch} label="What would change" isSplit={false} />}
    </section>
  );
}
