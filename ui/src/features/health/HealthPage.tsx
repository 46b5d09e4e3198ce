import { useMemo } from "react";
import { Link } from "@tanstack/react-router";
import type { WireOverview } from "@/shared/api/documents.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { Age } from "@/shared/parts/Age.tsx";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useDocument, useNow, useServices } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { OVERVIEW } from "@/shared/stream/topics.ts";
import { span } from "@/shared/time/words.ts";
import { Doctor } from "./Doctor.tsx";
import { readConnections, readHeartbeats, sourcesIn, type WireConnections, type WireHeartbeats } from "./read.ts";

/** How the system itself fares: controllers, connections to Argo CD, sources that cannot be looked at, clocks. */
export function HealthPage() {
  const { serverClock, clock } = useServices();
  // A minute of its own: nothing here is told of by the stream.
  const now = useNow(10);
  const turn = Math.floor(now / 30);
  const beats = useAsked<WireHeartbeats>("v1beta1/system/controller-heartbeats", turn);
  const argocd = useAsked<WireConnections>("towpath/v1/argocd", turn);
  const version = useAsked<{ readonly version?: string; readonly platform?: string; readonly compiler?: string }>("v1beta1/system/server-version");
  const { document, error, retry } = useDocument<WireOverview>(OVERVIEW);
  const controllers = useMemo(() => (beats.data === undefined ? null : readHeartbeats(beats.data)), [beats.data]);
  const connections = useMemo(() => (argocd.data === undefined ? null : readConnections(argocd.data)), [argocd.data]);
  const sources = useMemo(() => (document === null ? null : sourcesIn(document)), [document]);
  const skew = serverClock.seconds() - clock.now() / 1000;
  const counts = useMemo(() => totals(document), [document]);
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1>Health of the system</h1>
        <span className={page.muted}>{version.data !== undefined && `Towpath ${version.data.version ?? ""}, ${version.data.compiler ?? ""}, ${version.data.platform ?? ""}`}</span>
      </header>
      <Doctor />
      <Section title="Controllers" note="the server's own, and one for each connection to Argo CD">
        {beats.error !== null && <Problem what="Heartbeats" error={beats.error} retry={beats.retry} />}
        {controllers === null && beats.error === null && <Loading what="heartbeats" rows={2} />}
        <dl className={page.facts}>
          {controllers?.map((each) => (
            <Row key={each.name} name={each.name || "this server"}>
              <StateWord meaning={each.meaning} />{" "}
              <span className={page.muted}>
                last heartbeat <Age since={each.at} /> ago
              </span>
            </Row>
          ))}
        </dl>
      </Section>
      <Section title="Argo CD" note={connections?.length === 0 ? "no connection that you may see" : undefined}>
        {argocd.error !== null && <Problem what="Connections to Argo CD" error={argocd.error} retry={argocd.retry} />}
        <dl className={page.facts}>
          {connections?.map((each) => (
            <Row key={each.name} name={each.name}>
              <StateWord meaning={each.meaning} /> <span className={page.muted}>{each.words}</span>
              {each.since > 0 && (
                <span className={page.muted}>
                  , for <Age since={each.since} />
                </span>
              )}
              {each.lastEvent > 0 && (
                <span className={page.muted}>
                  , last event <Age since={each.lastEvent} /> ago
                </span>
              )}
              {each.error !== "" && <p className={page.refused}>{each.error}</p>}
            </Row>
          ))}
        </dl>
      </Section>
      <Section title="Sources that cannot be looked at" note={sources?.length === 0 ? "none" : undefined}>
        {error !== null && <Problem what="Sources" error={error} retry={retry} />}
        <dl className={page.facts}>
          {sources?.map((each) => (
            <Row key={`${each.project}/${each.warehouse}`} name={each.project}>
              <Link to="/p/$project/warehouse/$warehouse" params={{ project: each.project, warehouse: each.warehouse }}>
                {each.warehouse}
              </Link>{" "}
              {each.message}
            </Row>
          ))}
        </dl>
      </Section>
      <Section title="Work and clocks">
        <dl className={page.facts}>
          <Row name="Promotions under way">{counts.running}</Row>
          <Row name="Promotions that wait">{counts.queued}</Row>
          <Row name="This browser's clock">{Math.abs(skew) < 2 ? "as the server's" : `${span(Math.abs(skew))} ${skew > 0 ? "behind" : "ahead of"} the server's`}</Row>
        </dl>
      </Section>
    </div>
  );
}

function totals(document: WireOverview | null): { readonly running: number; readonly queued: number } {
  const sum = (name: string) => (document?.projects ?? []).reduce((total, each) => total + (each.counts?.[name] ?? 0), 0);
  return { running: sum("running"), queued: sum("queued") };
}

function Row({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
