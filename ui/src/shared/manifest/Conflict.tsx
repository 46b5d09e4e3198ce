import { useMemo } from "react";
import { DiffView } from "../diff/DiffView.tsx";
import { patchOf } from "../diff/lines.ts";
import page from "../parts/page.module.css";
import type { Manifest } from "./useManifest.ts";
import styles from "./manifest.module.css";

/** Somebody else has changed what is being edited: what they did, what was typed, and the three ways on. Nothing is decided by itself. */
export function Conflict({ manifest }: { readonly manifest: Manifest }) {
  const { base, text, theirs, together } = manifest;
  const [they, you] = useMemo(() => [patchOf(base.text, theirs?.text ?? ""), patchOf(theirs?.text ?? "", text)], [base.text, text, theirs]);
  if (theirs === null) return null;
  const isGone = theirs.revision === "";
  return (
    <section className={styles.review} aria-label="Changed meanwhile" role="alert">
      <h3>{isGone ? "Somebody has deleted this while you typed" : "Somebody has changed this while you typed"}</h3>
      <p>What you typed is as it was; nothing is saved yet.</p>
      {!isGone && (
        <>
          <h4 className={page.kind}>What they changed</h4>
          <DiffView patch={they} label="What they changed" isSplit={false} />
          <h4 className={page.kind}>What yours would change of theirs</h4>
          <DiffView patch={you} label="What yours would change of theirs" isSplit={false} />
        </>
      )}
      <div className={styles.foot}>
        {together !== null && !isGone && (
          <button type="button" className={page.primary} onClick={() => manifest.rebase(together)}>
            Put my changes on top of theirs
          </button>
        )}
        <button type="button" className={page.button} onClick={manifest.discard}>
          {isGone ? "Drop mine" : "Take theirs, drop mine"}
        </button>
        <button type="button" className={page.danger} onClick={() => manifest.rebase(text)}>
          {isGone ? "Go on with mine, make it anew" : "Go on with mine instead of theirs"}
        </button>
      </div>
      {together === null && !isGone && <p className={page.muted}>Both of you changed the same lines: take theirs, or edit yours until it says what both want.</p>}
    </section>
  );
}
