/** The states that every list and panel has: loading, empty, an error with what was there before, no right. */
import { useEffect, useState, type ReactNode } from "react";
import { ApiError, words } from "../api/client.ts";
import { useServices } from "../services.ts";
import { span } from "../time/words.ts";
import styles from "./panel.module.css";

/** A skeleton of so many rows: nothing for 150 ms, and words after 2 s. */
export function Loading({ rows = 4, what }: { readonly rows?: number; readonly what: string }) {
  const { clock } = useServices();
  const [stage, setStage] = useState<"nothing" | "bones" | "words">("nothing");
  useEffect(() => {
    const first = clock.after(150, () => setStage("bones"));
    const second = clock.after(2_000, () => setStage("words"));
    return () => {
      first();
      second();
    };
  }, [clock]);
  return (
    <div className={styles.loading} aria-busy="true">
      <p className={stage === "words" ? styles.muted : "hidden"}>Loading {what}…</p>
      {stage !== "nothing" && Array.from({ length: rows }, (_, place) => <div key={place} className={styles.bone} />)}
    </div>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      {children}
    </div>
  );
}

export interface ProblemProps {
  readonly what: string;
  readonly error: unknown;
  readonly retry: () => void;
  /** Seconds since what is still shown was right; undefined where nothing is shown. */
  readonly age?: number | undefined;
}

/** What failed, in words, and what to do; what was shown before stays below it. */
export function Problem({ what, error, retry, age }: ProblemProps) {
  const status = error instanceof ApiError ? error.status : 0;
  if (status === 403 || status === 404) return <NoRight what={what} said={words(error)} />;
  return (
    <div className={styles.problem} role="alert">
      <div>
        <p className={styles.title}>{what} could not be loaded</p>
        <p>{words(error)}</p>
        {error instanceof ApiError && error.request !== "" && <p className={styles.muted}>Request {error.request}</p>}
        {age !== undefined && <p className={styles.muted}>What is shown is from {span(age)} ago.</p>}
      </div>
      <button type="button" className={styles.button} onClick={retry}>
        Try again
      </button>
    </div>
  );
}

/** The same for what is not there and for what may not be seen: nobody learns by it which of the two. */
function NoRight({ what, said }: { readonly what: string; readonly said: string }) {
  return (
    <div className={styles.empty} role="alert">
      <p className={styles.title}>{what} is not there, or not for you to see</p>
      <p>{said}</p>
      <p className={styles.muted}>Whoever administers the project can give the right.</p>
    </div>
  );
}
