import { useParams } from "@tanstack/react-router";
import { configOf } from "@/shared/manifest/configs.ts";
import { at, textAt, type Fields } from "@/shared/manifest/fields.ts";
import { ListForm } from "@/shared/manifest/ListForm.tsx";
import { ManifestForm } from "@/shared/manifest/ManifestForm.tsx";
import type { Path } from "@/shared/manifest/text.ts";
import { Field } from "@/shared/parts/Field.tsx";
import page from "@/shared/parts/page.module.css";
import { Windows } from "./Windows.tsx";
import { stageOf, withStage } from "./policies.ts";

const POLICIES: Path = ["spec", "promotionPolicies"];
const LINKS = [
  ["stageLinks", "Links of Stages", "link of Stages"],
  ["freightLinks", "Links of Freight", "link of Freight"],
] as const;

/** How Freight comes into Stages: policies, windows, and the links that are shown with them. */
export function PromotionPage() {
  const { project = "" }: { project?: string } = useParams({ strict: false });
  const subject = configOf(project);
  if (subject === null) return null;
  return (
    <>
      <header className={page.head}>
        <h1>Promotion in {project}</h1>
      </header>
      <ManifestForm subject={subject} form={(fields) => <PromotionForm fields={fields} />} />
    </>
  );
}

function PromotionForm({ fields }: { readonly fields: Fields }) {
  return (
    <>
      <ListForm
        fields={fields}
        path={POLICIES}
        one="policy"
        title="Which Stages new Freight goes to by itself"
        note="The first policy that matches a Stage decides; a Stage that none matches waits to be promoted by somebody. Gates are asked in any case."
        empty="No policy: nothing is promoted by itself."
        make={() => ({ stageSelector: { name: "" }, autoPromotionEnabled: true })}
        isOrdered
      >
        {(path, place) => <Policy fields={fields} path={path} field={`spec.promotionPolicies[${place}]`} place={place} />}
      </ListForm>
      <Windows fields={fields} />
      {LINKS.map(([name, title, one]) => (
        <ListForm key={name} fields={fields} path={["spec", name]} one={one} title={title} empty="None." make={() => ({ title: "", url: "https://" })}>
          {(path, place) => <LinkFields fields={fields} path={path} field={`spec.${name}[${place}]`} />}
        </ListForm>
      ))}
    </>
  );
}

interface MemberProps {
  readonly fields: Fields;
  readonly path: Path;
  /** The member as the server names it. */
  readonly field: string;
}

function Policy({ fields, path, field, place }: MemberProps & { readonly place: number }) {
  const policy = at(fields.value, path);
  const isByLabels = at(policy, ["stageSelector", "matchLabels"]) !== undefined || at(policy, ["stageSelector", "matchExpressions"]) !== undefined;
  return (
    <>
      <Field
        label={`Stage of policy ${place + 1}`}
        hint={isByLabels ? "It selects by labels as well: see its YAML." : "A name, or glob:prod-* or regex:…"}
        value={stageOf(policy)}
        wrong={fields.wrong(field)}
        onChange={(text) => fields.set(path, withStage(policy, text))}
      />
      <label className={page.check}>
        <input type="checkbox" checked={at(policy, ["autoPromotionEnabled"]) === true} onChange={(event) => fields.set([...path, "autoPromotionEnabled"], event.target.checked)} />
        Promote new Freight by itself
      </label>
    </>
  );
}

function LinkFields({ fields, path, field }: MemberProps) {
  const one = (name: string, label: string, hint?: string) => (
    <Field label={label} {...(hint === undefined ? {} : { hint })} value={textAt(fields.value, [...path, name])} wrong={fields.wrong(`${field}.${name}`)} onChange={(text) => fields.set([...path, name], text)} />
  );
  return (
    <>
      {one("title", "Title")}
      {one("url", "Address", "May hold expressions, such as ${{ stage.metadata.name }}")}
    </>
  );
}
