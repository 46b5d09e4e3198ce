import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { path } from "@/shared/api/paths.ts";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import type { PromotionInfo, StepInfo, StepLink } from "@/shared/promotions/read.ts";
import { useServices } from "@/shared/services.ts";
import { Log, type LogLine } from "./Log.tsx";
import { Part } from "./Part.tsx";
import styles from "./promotion.module.css";

export interface StepInsideProps {
  readonly project: string;
  readonly promotion: PromotionInfo;
  readonly step: StepInfo;
  /** Where to look for what it did. */
  readonly links: readonly StepLink[];
  readonly rev: number;
  /** The line that the address names, from 1. */
  readonly line: number | undefined;
}

interface WireLog {
  readonly lines: readonly { readonly time: string; readonly step: string; readonly status: string; readonly message: string }[];
  readonly done: boolean;
}

/** An open step: what it said, what it was told to do, what came of it. */
export function StepInside({ project, promotion, step, links, rev, line }: StepInsideProps) {
  const { api } = useServices();
  const log = useQuery({
    queryKey: ["promotion-log", project, promotion.name, rev],
    queryFn: ({ signal }) => api.get<WireLog>(path`towpath/v1/projects/${project}/promotions/${promotion.name}/log`, signal),
    placeholderData: (before, query) => (query?.queryKey[2] === promotion.name ? before : undefined),
  });
  const lines = useMemo(() => linesOf(log.data, step.alias), [log.data, step.alias]);
  return (
    <div className={styles.inside}>
      {log.error !== null && <Problem what="What the step said" error={log.error} retry={() => void log.refetch()} />}
      {log.data === undefined && log.error === null && <Loading what="what the step said" rows={2} />}
      {log.data !== undefined && <Log lines={lines} step={step.alias} wanted={line} isFollowed={step.status === "Running"} />}
      {step.errors > 0 && step.status === "Running" && (
        <p className={styles.muted}>
          {step.errors} {step.errors === 1 ? "attempt has" : "attempts in a row have"} failed; it is tried again.
        </p>
      )}
      {links.length > 0 && (
        <p className={styles.links}>
          {links.map((each) => (/^https?:/.test(each.url ?? "") ? <a key={each.text} href={each.url} target="_blank" rel="noreferrer">{each.text}</a> : <code key={each.text}>{each.text}</code>))}
        </p>
      )}
      <Part project={project} promotion={promotion.name} step={step.alias} part="config" title="What it was given" rev={rev} />
      <Part project={project} promotion={promotion.name} step={step.alias} part="output" title="What it put out" rev={rev} />
    </div>
  );
}

function linesOf(log: WireLog | undefined, alias: string): readonly LogLine[] {
  return (log?.lines ?? [])
    .filter((each) => each.step === alias)
    .flatMap((each) => {
      const isFailure = each.status === "Failed" || each.status === "Errored";
      const texts = each.message === "" ? [each.status.toLowerCase()] : each.message.split("\n");
      return texts.map((text, place) => ({ time: place === 0 ? each.time : "", text, isFailure }));
    });
}
