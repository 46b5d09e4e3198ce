import { configOf } from "@/shared/manifest/configs.ts";
import { at, textAt, type Fields } from "@/shared/manifest/fields.ts";
import { ManifestForm } from "@/shared/manifest/ManifestForm.tsx";
import { Field } from "@/shared/parts/Field.tsx";
import page from "@/shared/parts/page.module.css";

const CLIENT = ["spec", "gitClient"];

/** What holds for all Projects. */
export function ClusterPage() {
  const subject = configOf("");
  if (subject === null) return null;
  return (
    <>
      <header className={page.head}>
        <h1>The system</h1>
      </header>
      <ManifestForm subject={subject} form={(fields) => <Author fields={fields} />} />
    </>
  );
}

/** Who commits are by, where a step does not say it. */
function Author({ fields }: { readonly fields: Fields }) {
  const set = (name: string, text: string) => {
    const rest = Object.entries((at(fields.value, CLIENT) ?? {}) as Record<string, unknown>).filter(([key, value]) => key !== name && value !== "");
    // Without name and address there is no author at all.
    fields.set(CLIENT, text === "" && rest.length === 0 ? undefined : { ...Object.fromEntries(rest), [name]: text });
  };
  const one = (name: string, label: string) => <Field label={label} value={textAt(fields.value, [...CLIENT, name])} wrong={fields.wrong(`spec.gitClient.${name}`)} isOff={fields.isOff} onChange={(text) => set(name, text)} />;
  return (
    <fieldset className={page.plain}>
      <legend className={page.note}>Who commits are by, where a step does not say it</legend>
      <div className={page.row}>
        {one("name", "Name of the author")}
        {one("email", "Address of the author")}
      </div>
      {fields.wrong("spec.gitClient") !== "" && fields.wrong("spec.gitClient.name") === "" && fields.wrong("spec.gitClient.email") === "" && <p className={page.wrong}>{fields.wrong("spec.gitClient")}</p>}
    </fieldset>
  );
}
