import { useMutation } from "@tanstack/react-query";
import { path } from "@/shared/api/paths.ts";
import type { Verdict, WireVerdicts } from "@/shared/api/documents.ts";
import { Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useServices } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import type { Meaning } from "@/shared/state/roles.ts";

const OUTCOMES: Readonly<Record<Verdict["outcome"], Meaning>> = {
  wins: { role: "ok", word: "Wins" },
  offered: { role: "none", word: "Would do" },
  excluded: { role: "held", word: "Kept out" },
};

/** Why one candidate won and the others did not: found out by a look that makes nothing, when somebody asks. */
export function Verdicts({ project, warehouse }: { readonly project: string; readonly warehouse: string }) {
  const { api } = useServices();
  const look = useMutation({ mutationFn: async () => (await api.send("POST", path`towpath/v1/projects/${project}/warehouses/${warehouse}/explain`, {})) as WireVerdicts });
  return (
    <Section title="Why this one won" note="a look that makes nothing">
      <button type="button" className={page.button} disabled={look.isPending} onClick={() => look.mutate()}>
        {look.isPending ? "Looking…" : "Look, and say why"}
      </button>
      {look.error !== null && <Problem what="Why" error={look.error} retry={() => look.mutate()} />}
      {(look.data?.subscriptions ?? []).map((each) => (
        <section key={each.place} aria-label={each.repoURL || each.name}>
          <h3>
            <span className={page.kind}>{each.type}</span> {each.repoURL || each.name}
          </h3>
          {each.error !== "" && <p className={page.refused}>{each.error}</p>}
          {each.notes.map((note) => (
            <p key={note} className={page.muted}>
              {note}
            </p>
          ))}
          <ul>
            {each.candidates.map((one) => (
              <li key={one.name} data-outcome={one.outcome}>
                <StateWord meaning={OUTCOMES[one.outcome]} /> <strong>{one.name}</strong> <span className={page.muted}>{[one.reason, one.rule].filter(Boolean).join(" · ")}</span>
              </li>
            ))}
          </ul>
          {each.leftOut > 0 && <p className={page.muted}>and {each.leftOut} more</p>}
        </section>
      ))}
    </Section>
  );
}
