import { useMutation } from "@tanstack/react-query";
import { words } from "@/shared/api/client.ts";
import type { WireVerdicts } from "@/shared/api/documents.ts";
import { path, seconds } from "@/shared/api/paths.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import { Age } from "@/shared/parts/Age.tsx";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useWhyNot } from "@/shared/rights/useWhyNot.ts";
import { useServices } from "@/shared/services.ts";
import { Fares } from "./Fares.tsx";
import { Told } from "./Told.tsx";
import { Trying } from "./Trying.tsx";
import { newest } from "./explained.ts";

export interface VerdictsProps {
  readonly project: string;
  readonly warehouse: string;
  /** What is told is asked for again when it moves. */
  readonly mark: string;
}

/** How its looks fare, why one candidate won and the others did not, and what would win by another rule. */
export function Verdicts({ project, warehouse, mark }: VerdictsProps) {
  const { api } = useServices();
  const address = path`towpath/v1/projects/${project}/warehouses/${warehouse}/explain`;
  const whyNot = useWhyNot({ verb: "update", group: "kargo.akuity.io", resource: "warehouses", namespace: project, name: warehouse });
  const { data, error, retry } = useAsked<WireVerdicts>(address, mark);
  const look = useMutation({ mutationFn: async () => (await api.send("POST", address)) as WireVerdicts, onSuccess: retry });
  const told = newest(data, look.data);
  return (
    <>
      <Section title="Its looks">
        {error !== null && <Problem what="How it fares" error={error} retry={retry} />}
        {data === undefined && error === null && <Loading what="how it fares" rows={2} />}
        {data !== undefined && <Fares told={data} />}
      </Section>
      <Section title="Why this one won" note={told === undefined ? "a look that makes nothing says it of every candidate" : <>looked <Age since={seconds(told.explainedAt)} /> ago, and made nothing</>}>
        <div>
          <ActButton why={whyNot} isBusy={look.isPending} onClick={() => look.mutate()}>
            {look.isPending ? "Looking…" : "Look, and say why"}
          </ActButton>
        </div>
        {look.error !== null && (
          <p className={page.refused} role="alert">
            It could not be looked at: {words(look.error)}
          </p>
        )}
        {told !== undefined && <Told told={told} />}
      </Section>
      <Trying project={project} warehouse={warehouse} address={address} whyNot={whyNot} now={told ?? data} />
    </>
  );
}
