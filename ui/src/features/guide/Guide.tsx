import { useState, useSyncExternalStore } from "react";
import { Link, useLocation, useParams, useSearch } from "@tanstack/react-router";
import type { WireOverview } from "@/shared/api/documents.ts";
import { keep, kept } from "@/shared/kept.ts";
import { Icon } from "@/shared/parts/Icon.tsx";
import page from "@/shared/parts/page.module.css";
import { useServices } from "@/shared/services.ts";
import { OVERVIEW } from "@/shared/stream/topics.ts";
import { STEPS, guidedProject, stepAt, type Place } from "./steps.ts";
import styles from "./guide.module.css";

/** Leads through a first move where a Project asks for it, until it is put away; then it stays away in this browser. */
export function Guide() {
  const [isAway, setAway] = useState(() => kept("guide") === "away");
  if (isAway) return null;
  return (
    <Shown
      onAway={() => {
        keep("guide", "away");
        setAway(true);
        document.getElementById("main")?.focus();
      }}
    />
  );
}

function Shown({ onAway }: { readonly onAway: () => void }) {
  const { hub } = useServices();
  // What the overview has told is looked at, and nothing is asked for: pages of other Projects cost nothing by it.
  const held = useSyncExternalStore(hub.subscribe, () => hub.get(OVERVIEW));
  const [known, setKnown] = useState<string>();
  const told = guidedProject(held.document as WireOverview | null);
  if (told !== undefined && told !== known) setKnown(told);
  const { project }: { project?: string } = useParams({ strict: false });
  const { freight, move, made }: Omit<Place, "project"> = useSearch({ strict: false });
  const { pathname } = useLocation();
  const isElsewhere = project === undefined && pathname !== "/";
  const step = known === undefined || isElsewhere ? null : stepAt(known, { project, freight, move, made });
  if (known === undefined || step === null) return null;
  return (
    <aside className={styles.guide} aria-labelledby="guide" data-guide={step.number}>
      <div className={styles.text}>
        <h2 id="guide">
          Your first move, {step.number} of {STEPS.length}: {step.title}
        </h2>
        <p role="status">{step.text}</p>
      </div>
      {step.number === 1 && (
        <Link to="/p/$project" params={{ project: known }} className={page.button}>
          Open {known}
        </Link>
      )}
      <button type="button" className={page.button} onClick={onAway}>
        {step.number === STEPS.length ? "Done" : "Not now"} <Icon name={step.number === STEPS.length ? "check" : "close"} />
      </button>
    </aside>
  );
}
