import { at, textAt, type Fields } from "@/shared/manifest/fields.ts";
import { ListForm } from "@/shared/manifest/ListForm.tsx";
import type { Path } from "@/shared/manifest/text.ts";
import { Field } from "@/shared/parts/Field.tsx";
import page from "@/shared/parts/page.module.css";
import { forStage } from "./policies.ts";

const WINDOWS: Path = ["spec", "promotionWindows"];
const KINDS = [
  ["Allow", "let in"],
  ["Deny", "kept out"],
] as const;
const TEXTS = [
  ["dtstart", "Begins", "The first time, such as TZID=Europe/Paris:20260105T090000"],
  ["dtend", "Ends", "The first time, such as TZID=Europe/Paris:20260105T170000"],
  ["rrule", "Recurs", "RFC 5545, such as FREQ=WEEKLY;BYDAY=MO,TU,WE,TH; once where it is empty"],
] as const;

/** Times in which promotions are let in, or kept out. */
export function Windows({ fields }: { readonly fields: Fields }) {
  return (
    <ListForm
      fields={fields}
      path={WINDOWS}
      one="window"
      title="Promotion windows"
      note="While a window that keeps out is active, nothing is promoted to its Stages, neither by a person nor by the Stage itself; where windows let in, one of them must be active."
      empty="None."
      make={() => ({ name: "", kind: "Deny" })}
    >
      {(path, place) => <WindowFields fields={fields} path={path} place={place} />}
    </ListForm>
  );
}

function WindowFields({ fields, path, place }: { readonly fields: Fields; readonly path: Path; readonly place: number }) {
  const field = `spec.promotionWindows[${place}]`;
  const member = at(fields.value, path);
  const number = place + 1;
  return (
    <>
      <Field label={`Name of window ${number}`} value={textAt(member, ["name"])} wrong={fields.wrong(`${field}.name`)} onChange={(text) => fields.set([...path, "name"], text)} />
      <label className={page.field}>
        Promotions are
        <select className={page.input} value={textAt(member, ["kind"])} aria-label={`Kind of window ${number}`} onChange={(event) => fields.set([...path, "kind"], event.target.value)}>
          {KINDS.map(([value, said]) => (
            <option key={value} value={value}>
              {said}
            </option>
          ))}
        </select>
      </label>
      <Field
        label={`Stages of window ${number}`}
        hint="A name, or glob:prod-* or regex:…; all where it is empty"
        value={textAt(member, ["stageSelector", "name"])}
        wrong={fields.wrong(`${field}.stageSelector`)}
        onChange={(text) => fields.set([...path, "stageSelector"], forStage(at(member, ["stageSelector"]), text))}
      />
      {TEXTS.map(([name, label, hint]) => (
        <Field key={name} label={`${label}: window ${number}`} hint={hint} value={textAt(member, [name])} wrong={fields.wrong(`${field}.${name}`)} onChange={(text) => fields.set([...path, name], text === "" ? undefined : text)} />
      ))}
    </>
  );
}
