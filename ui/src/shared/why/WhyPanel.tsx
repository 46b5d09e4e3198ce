import { useEffect, useId, useMemo, useRef, type ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CloseButton } from "../parts/CloseButton.tsx";
import { subject } from "../people.ts";
import { Loading, Problem } from "../parts/Panel.tsx";
import { useNow, useServices } from "../services.ts";
import { Glyph } from "../state/Glyph.tsx";
import { exactly, span, zoned } from "../time/words.ts";
import { readExplanations, type Explanation, type Gate } from "./read.ts";
import { AndThen } from "./AndThen.tsx";
import { Evidence } from "./Evidence.tsx";
import { Remedied } from "./Remedied.tsx";
import { Soonest } from "./Soonest.tsx";
import styles from "./why.module.css";

export interface WhyPanelProps {
  readonly project: string;
  readonly stage: string;
  /** The Freight that is asked about; undefined: the newest of each origin. */
  readonly freight: string | undefined;
  /** Revision of what is shown beside it: what is told is asked for again when that moves. */
  readonly rev: number;
  readonly onClose: () => void;
}

/** Why it does not go there: the gates, those that are shut first, with when and by whom each opens. */
export function WhyPanel({ project, stage, freight, rev, onClose }: WhyPanelProps) {
  const { api } = useServices();
  const title = useId();
  const close = useRef<HTMLButtonElement>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ["explain", project, stage, freight, rev],
    queryFn: ({ signal }) =>
      api.read("/towpath/v1/projects/{project}/stages/{name}/explain", { params: { path: { project, name: stage }, query: freight === undefined ? {} : { freight } }, signal }),
    placeholderData: (before, query) => (query?.queryKey[2] === stage && query.queryKey[3] === freight ? before : undefined),
  });
  const explanations = useMemo(() => (data === undefined ? [] : readExplanations(data)), [data]);
  useEffect(() => {
    const before = document.activeElement;
    close.current?.focus();
    return () => {
      // Back to where it was opened from, unless somebody has gone elsewhere meanwhile.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [stage]);
  return (
    <aside className={styles.panel} aria-labelledby={title}>
      <header className={styles.head}>
        <h2 id={title}>
          <Link to="/p/$project/stage/$stage" params={{ project, stage }}>
            {stage}
          </Link>
        </h2>
        <CloseButton ref={close} onClose={onClose} />
      </header>
      {error !== null && <Problem what="Why" error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Loading what={`why ${stage} waits`} rows={5} />}
      {explanations.map((each) => (
        <OneExplanation key={each.freight || each.origin} project={project} stage={stage} explanation={each} />
      ))}
    </aside>
  );
}

/** Why one Freight does not come: in a sentence, then gate by gate. */
export function OneExplanation({ project, stage, explanation }: { readonly project: string; readonly stage: string; readonly explanation: Explanation }) {
  const shut = explanation.gates.filter((each) => !each.isOpen);
  const open = explanation.gates.filter((each) => each.isOpen);
  return (
    <section className={styles.one}>
      <p className={styles.what}>
        {explanation.alias || explanation.freight.slice(0, 7) || "No Freight"}
        <span className={styles.muted}> from {explanation.origin.replace("Warehouse/", "")}</span>
      </p>
      <p className={styles.summary} data-why="summary">
        {explanation.summary}
      </p>
      <Soonest explanation={explanation} />
      {explanation.waitingFor !== "" && <p className={styles.muted}>Waits for: {explanation.waitingFor}</p>}
      <ol className={styles.gates}>
        {shut.map((each) => (
          <GateLine key={each.name} project={project} gate={each} remedy={<Remedied project={project} stage={stage} freight={explanation.alias || explanation.freight} gate={each} />} />
        ))}
      </ol>
      {open.length > 0 && (
        <details className={styles.open}>
          <summary>
            {open.length} {open.length === 1 ? "gate is" : "gates are"} open
          </summary>
          <ol className={styles.gates}>
            {open.map((each) => (
              <GateLine key={each.name} project={project} gate={each} />
            ))}
          </ol>
        </details>
      )}
      <AndThen explanation={explanation} stage={stage} />
    </section>
  );
}

/** One gate: why it is open or shut, when it opens, who can open it, and the button that does. */
export function GateLine({ project, gate, remedy = null }: { readonly project: string; readonly gate: Gate; readonly remedy?: ReactNode }) {
  const now = useNow(1);
  return (
    <li className={styles.gate} data-gate={gate.name} data-open={gate.isOpen}>
      <Glyph role={gate.isOpen ? "ok" : gate.bars === "promotion" || gate.bars === "success" ? "fail" : "wait"} size={16} />
      <div>
        <p>{gate.reason}</p>
        {gate.means !== "" && <p className={styles.muted}>{gate.means}.</p>}
        {gate.opensAt > 0 && (
          <p>
            Opens <time title={exactly(gate.opensAt)}>{zoned(gate.opensAt, now)}</time>
            {gate.opensAt > now ? `, in ${span(gate.opensAt - now)}` : ", now"}
          </p>
        )}
        {!gate.isOpen && gate.opensBy.length > 0 && <p>Opened by: {gate.opensBy.join("; or by ")}</p>}
        {!gate.isOpen && gate.who.length > 0 && <p data-who="">Who can: {gate.who.map(subject).join(", ")}</p>}
        <Evidence project={project} evidence={gate.evidence} />
        {remedy}
        {!gate.isOpen && gate.command !== "" && <code className={styles.command}>{gate.command}</code>}
      </div>
    </li>
  );
}
