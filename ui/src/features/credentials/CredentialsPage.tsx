import { useState } from "react";
import type { WireSecrets } from "@/shared/api/documents.ts";
import { useAsked } from "@/shared/api/useAsked.ts";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useWhyNot } from "@/shared/rights/useWhyNot.ts";
import { CredentialForm } from "./CredentialForm.tsx";
import { CredentialTable } from "./CredentialTable.tsx";
import { Serving } from "./Serving.tsx";
import { credentialsIn, placeOf, type Credential, type PlaceName } from "./read.ts";

const TITLES: Readonly<Record<PlaceName, readonly [string, string]>> = {
  project: ["Credentials", "With these the Project reads repositories, writes to them and calls others. Their values are written and never shown again."],
  shared: ["Shared credentials", "They serve every Project that has none of its own for a repository."],
  system: ["Credentials of the system", "What the configuration of the system names: secrets of webhook receivers, keys that sign commits."],
};

export interface CredentialsPageProps {
  readonly place: PlaceName;
  /** Empty where the place is of no Project. */
  readonly project: string;
}

/** The credentials of a place: list, new, change, delete, and which one a repository would be opened with. */
export function CredentialsPage({ place: name, project }: CredentialsPageProps) {
  const place = placeOf(name, project);
  const repos = useAsked<WireSecrets>(`${place.base}/repo-credentials`, "", place.hasRepos);
  const generic = useAsked<WireSecrets>(`${place.base}/generic-credentials`);
  const [edited, setEdited] = useState<Credential | "new" | null>(null);
  const noMaking = useWhyNot({ verb: "create", group: "", resource: "secrets", namespace: place.namespace });
  const retry = () => {
    if (place.hasRepos) repos.retry();
    generic.retry();
  };
  const error = repos.error ?? generic.error;
  const isThere = (repos.data !== undefined || !place.hasRepos) && generic.data !== undefined;
  const found = [...credentialsIn(repos.data), ...credentialsIn(generic.data)];
  const [title, note] = TITLES[name];
  return (
    <>
      <header className={page.head}>
        <h1>{title}</h1>
        <div className={page.tools}>
          {edited === null && (
            <ActButton look="primary" why={noMaking} onClick={() => setEdited("new")}>
              New credential
            </ActButton>
          )}
        </div>
      </header>
      <p className={page.note}>{note}</p>
      {edited !== null && (
        <CredentialForm
          key={edited === "new" ? "" : `${edited.type}/${edited.name}`}
          place={place}
          before={edited === "new" ? null : edited}
          onEnd={() => setEdited(null)}
          onDone={() => {
            setEdited(null);
            retry();
          }}
        />
      )}
      <Section title="Those that there are" note={isThere ? String(found.length) : undefined}>
        {error !== null && <Problem what={title} error={error} retry={retry} />}
        {!isThere && error === null && <Loading what="credentials" />}
        {isThere && found.length === 0 && (
          <Empty title="There is none">
            <p>Repositories that everybody may read need none.</p>
          </Empty>
        )}
        {found.length > 0 && <CredentialTable place={place} credentials={found} onEdit={setEdited} onChanged={retry} />}
      </Section>
      {name === "project" && <Serving project={project} />}
    </>
  );
}
