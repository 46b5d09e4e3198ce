import { Field } from "@/shared/parts/Field.tsx";
import page from "@/shared/parts/page.module.css";
import type { Typed } from "./read.ts";

/** Values by name. Those that are there have no text: typing one replaces it. */
export function Values({ values, onChange }: { readonly values: Typed["values"]; readonly onChange: (values: Typed["values"]) => void }) {
  const set = (place: number, next: Partial<Typed["values"][number]>) => onChange(values.map((each, other) => (other === place ? { ...each, ...next } : each)));
  return (
    <fieldset className={page.plain}>
      <legend className={page.muted}>Values</legend>
      {values.map((each, place) => (
        <div key={place} className={page.row}>
          {each.isThere ? <span className={page.mono}>{each.key}</span> : <Field label={`Name of value ${place + 1}`} value={each.key} isRequired onChange={(key) => set(place, { key })} />}
          <Field
            label={`Value ${each.key || place + 1}`}
            type="password"
            {...(each.isThere ? { hint: "It is there; leave it empty to keep it." } : {})}
            value={each.text}
            isRequired={!each.isThere}
            onChange={(text) => set(place, { text })}
          />
          <button type="button" className={page.button} aria-label={`Remove value ${each.key || place + 1}`} onClick={() => onChange(values.filter((_, other) => other !== place))}>
            Remove
          </button>
        </div>
      ))}
      <button type="button" className={page.button} onClick={() => onChange([...values, { key: "", text: "", isThere: false }])}>
        Add a value
      </button>
    </fieldset>
  );
}
