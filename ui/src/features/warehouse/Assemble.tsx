import { useState, type SyntheticEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { words } from "@/shared/api/client.ts";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useWhyNot } from "@/shared/rights/useWhyNot.ts";
import { useServices } from "@/shared/services.ts";
import { assembled, type Source } from "./read.ts";
import styles from "./warehouse.module.css";

export interface AssembleProps {
  readonly project: string;
  readonly warehouse: string;
  readonly sources: readonly Source[];
  readonly isManual: boolean;
  readonly onMade: () => void;
}

interface WireResults {
  readonly results?: readonly { readonly error?: string; readonly createdResourceManifest?: { readonly metadata?: { readonly name?: string } } }[];
}

/** Freight of versions that somebody chooses, one of each source. */
export function Assemble({ project, warehouse, sources, isManual, onMade }: AssembleProps) {
  const { api } = useServices();
  const why = useWhyNot({ verb: "create", group: "kargo.akuity.io", resource: "freights", namespace: project });
  const [chosen, setChosen] = useState<ReadonlyMap<string, number>>(new Map());
  const [alias, setAlias] = useState("");
  const make = useMutation({
    mutationFn: async () => {
      const answer = (await api.send("POST", "v1beta1/resources", assembled(project, warehouse, sources, chosen, alias))) as WireResults | null;
      const error = answer?.results?.map((each) => each.error ?? "").find((each) => each !== "");
      if (error !== undefined) throw new Error(error);
    },
    onSuccess: () => {
      setAlias("");
      onMade();
    },
  });
  if (sources.every((each) => each.candidates.length === 0)) return null;
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Section title="Put Freight together by hand" note={isManual ? "this Warehouse makes none by itself" : "this Warehouse makes Freight of what is newest by itself"}>
      <form className={styles.form} onSubmit={onSubmit}>
        {sources.map((source) => (
          <label key={source.id} className={page.field}>
            {source.where}
            <select className={page.input} value={chosen.get(source.id) ?? 0} onChange={(event) => setChosen(new Map(chosen).set(source.id, Number(event.target.value)))}>
              {source.candidates.map((each, place) => (
                <option key={place} value={place}>
                  {each.version}
                  {each.detail === "" || each.detail.startsWith("sha256:") ? "" : ` – ${each.detail.slice(0, 60)}`}
                </option>
              ))}
            </select>
          </label>
        ))}
        <label className={page.field}>
          Alias (may be left out)
          <input className={page.input} value={alias} maxLength={63} onChange={(event) => setAlias(event.target.value)} />
        </label>
        <ActButton look="primary" type="submit" why={why} isBusy={make.isPending}>
          Make this Freight
        </ActButton>
      </form>
      {make.isSuccess && (
        <p role="status" className={page.done}>
          It has been made.
        </p>
      )}
      {make.error !== null && (
        <p role="alert" className={page.refused}>
          {words(make.error)}
        </p>
      )}
    </Section>
  );
}
