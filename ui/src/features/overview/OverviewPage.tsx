import { useMemo } from "react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { WireOverview } from "@/shared/api/documents.ts";
import { ForYou } from "@/shared/inbox/ForYou.tsx";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import { useDocument, useNow } from "@/shared/services.ts";
import { OVERVIEW } from "@/shared/stream/topics.ts";
import { SavedViews } from "@/shared/views/SavedViews.tsx";
import { placeOf } from "@/shared/views/read.ts";
import { Moves } from "./Moves.tsx";
import { Table } from "./Table.tsx";
import { TroubleList } from "./TroubleList.tsx";
import { readOverview, type ProjectRow } from "./read.ts";
import styles from "./overview.module.css";

export interface OverviewSearch {
  readonly q?: string;
  readonly state?: string;
  /** `1h`: those in which something changed in the last hour. */
  readonly changed?: string;
}

/** What is in trouble, what is where, what moved last: the first screen. */
export function OverviewPage() {
  const { document, error, retry } = useDocument<WireOverview>(OVERVIEW);
  const overview = useMemo(() => (document === null ? null : readOverview(document)), [document]);
  const now = useNow(10);
  const search: OverviewSearch = useSearch({ strict: false });
  const shown = useMemo(() => (overview?.projects ?? []).filter((each) => fits(each, search, now)), [overview, search, now]);
  const age = document === null ? undefined : now - Date.parse(document.at) / 1000;
  return (
    <div className={styles.page}>
      <h1 className="hidden">Overview</h1>
      {error !== null && <Problem what="The overview" error={error} retry={retry} age={age} />}
      {overview === null && error === null && <Loading what="what is where" rows={8} />}
      {overview !== null && overview.projects.length === 0 && <FirstSteps />}
      {overview !== null && overview.projects.length > 0 && (
        <>
          <ForYou />
          <TroubleList lines={overview.trouble} />
          <section aria-labelledby="where">
            <div className={styles.head}>
              <h2 id="where">What is where</h2>
              <Filters search={search} shown={shown.length} all={overview.projects.length} />
            </div>
            <Table environments={overview.environments} projects={shown} />
          </section>
          <Moves moves={overview.moves} />
        </>
      )}
    </div>
  );
}

const HOUR = 3600;

function fits(project: ProjectRow, { q, state, changed }: OverviewSearch, now: number): boolean {
  if (changed === "1h" && ![...project.cells.values()].some((each) => each.since > 0 && now - each.since <= HOUR)) return false;
  const text = (q ?? "").toLowerCase();
  const labels = Object.entries(project.labels).map(([key, value]) => `${key}=${value}`);
  const isNamed = text === "" || [project.name, ...labels].some((each) => each.toLowerCase().includes(text));
  return isNamed && (state === undefined || state === "" || [...project.cells.values()].some((each) => each.roles.includes(state as never)));
}

const STATES = [
  ["", "any state"],
  ["fail", "something failed"],
  ["wait", "something waits"],
  ["run", "something moves"],
  ["held", "something is held"],
] as const;

function Filters({ search, shown, all }: { readonly search: OverviewSearch; readonly shown: number; readonly all: number }) {
  const navigate = useNavigate();
  const change = (next: OverviewSearch) => {
    const kept = Object.fromEntries(Object.entries({ ...search, ...next }).filter(([, value]) => value !== ""));
    void navigate({ to: "/", search: kept, replace: true });
  };
  return (
    <search className={styles.filters}>
      <input
        className={styles.filter}
        type="search"
        id="filter"
        aria-label="Project or label"
        placeholder="Project or label  /"
        value={search.q ?? ""}
        onChange={(event) => change({ q: event.target.value })}
      />
      <select className={styles.filter} aria-label="State" value={search.state ?? ""} onChange={(event) => change({ state: event.target.value })}>
        {STATES.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <button type="button" className={styles.filter} aria-pressed={search.changed === "1h"} onClick={() => change({ changed: search.changed === "1h" ? "" : "1h" })}>
        Changed in the last hour
      </button>
      <SavedViews here={placeOf("overview", "", search)} />
      <span className={styles.muted} role="status">
        {shown === all ? `${all} ${all === 1 ? "project" : "projects"}` : `${shown} of ${all} projects`}
      </span>
    </search>
  );
}

function FirstSteps() {
  return (
    <Empty title="There is no project yet that you may see">
      <p>Apply the first one, in a terminal:</p>
      <pre className={styles.commands}>
        {"towpath apply -f examples/two-environments\ntowpath get stages --project sandbox-example"}
      </pre>
      <p>Or have a whole world on this machine alone, with versions that move: </p>
      <pre className={styles.commands}>towpath demo</pre>
      <p>If there should be projects here, you may lack the right to see them: ask whoever administers them.</p>
    </Empty>
  );
}
