import { useState, useSyncExternalStore } from "react";
import { useLocation, useParams, useSearch } from "@tanstack/react-router";
import type { WireOverview } from "@/shared/api/documents.ts";
import { keep, kept } from "@/shared/kept.ts";
import { useServices } from "@/shared/services.ts";
import { OVERVIEW } from "@/shared/stream/topics.ts";
import { GuideCard } from "./GuideCard.tsx";
import { guidedProject, stepAt, type Place } from "./steps.ts";

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
  return <GuideCard project={known} step={step} onAway={onAway} />;
}
