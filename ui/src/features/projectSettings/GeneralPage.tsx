import { useNavigate, useParams } from "@tanstack/react-router";
import { groupOf, kindOf, objectPath } from "@/shared/manifest/kinds.ts";
import { textAt, type Fields } from "@/shared/manifest/fields.ts";
import { ManifestForm } from "@/shared/manifest/ManifestForm.tsx";
import { Confirm } from "@/shared/parts/Confirm.tsx";
import { Field } from "@/shared/parts/Field.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { useWhyNot } from "@/shared/rights/useWhyNot.ts";
import { useServices } from "@/shared/services.ts";
import type { EditedKind } from "@/shared/manifest/kinds.ts";

const DESCRIPTION = ["metadata", "annotations", "kargo.akuity.io/description"];
const NAMES = /^[a-z0-9]/;

/** What a Project is about, and its end. */
export function GeneralPage() {
  const { project = "" }: { project?: string } = useParams({ strict: false });
  const kind = kindOf("Project");
  if (kind === undefined) return null;
  return (
    <>
      <header className={page.head}>
        <h1>Project {project}</h1>
      </header>
      <ManifestForm subject={{ kind, namespace: "", name: project }} form={(fields) => <General fields={fields} />} />
      <Section title="The end of it">
        <Delete project={project} kind={kind} />
      </Section>
    </>
  );
}

function General({ fields }: { readonly fields: Fields }) {
  return (
    <div className={page.form}>
      <Field
        label="Description"
        rows={3}
        hint="Shown to everybody who may see the Project."
        value={textAt(fields.value, DESCRIPTION)}
        wrong={fields.wrong("metadata.annotations")}
        isOff={fields.isOff}
        onChange={(text) => fields.set(DESCRIPTION, text === "" ? undefined : text)}
      />
      <Labels fields={fields} />
    </div>
  );
}

/** Labels as lines: the overview groups and filters Projects by them. */
function Labels({ fields }: { readonly fields: Fields }) {
  const labels = Object.entries((fields.value.metadata as { readonly labels?: Record<string, unknown> } | undefined)?.labels ?? {});
  const add = () => {
    const free = ["team", "product", "tier"].find((each) => !labels.some(([key]) => key === each)) ?? `label-${labels.length + 1}`;
    fields.set(["metadata", "labels", free], "");
  };
  const rename = (from: string, to: string) => {
    if (!NAMES.test(to) || labels.some(([key]) => key === to)) return;
    fields.set(["metadata", "labels"], Object.fromEntries(labels.map(([key, value]) => [key === from ? to : key, value])));
  };
  return (
    <fieldset className={page.plain} disabled={fields.isOff}>
      <legend className={page.muted}>Labels, by which Projects are found and grouped</legend>
      {labels.map(([key, value], place) => (
        <div key={place} className={page.row}>
          <Field label={`Label ${place + 1}`} value={key} onChange={(to) => rename(key, to)} />
          <Field label={`Value of ${key}`} value={String(value)} onChange={(text) => fields.set(["metadata", "labels", key], text)} wrong={fields.wrong(`metadata.labels[${key}]`) || fields.wrong(`metadata.labels.${key}`)} />
          <button type="button" className={page.button} aria-label={`Remove label ${key}`} onClick={() => fields.set(["metadata", "labels", key], undefined)}>
            Remove
          </button>
        </div>
      ))}
      {fields.wrong("metadata.labels") !== "" && <p className={page.wrong}>{fields.wrong("metadata.labels")}</p>}
      <button type="button" className={page.button} onClick={add}>
        Add a label
      </button>
    </fieldset>
  );
}

function Delete({ project, kind }: { readonly project: string; readonly kind: EditedKind }) {
  const { api } = useServices();
  const navigate = useNavigate();
  const why = useWhyNot({ verb: "delete", group: groupOf(kind), resource: kind.plural, namespace: "", name: project });
  const run = async () => {
    await api.send("DELETE", objectPath(kind, "", project));
    await navigate({ to: "/" });
  };
  return (
    <Confirm
      label="Delete this Project"
      confirm={`Delete ${project}`}
      what={`Project ${project} goes with everything in it: Warehouses, Freight, Stages, Promotions, roles and credentials. What runs stays as it is. History is kept.`}
      typed={project}
      why={why}
      run={run}
    />
  );
}
