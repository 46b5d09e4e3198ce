import { useState, type SyntheticEvent } from "react";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import { Field } from "@/shared/parts/Field.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import type { PartProps } from "./Claims.tsx";
import { RESOURCES, grantOfRule } from "./read.ts";
import styles from "./roles.module.css";

/** What a role may do, one line for each resource. */
export function Rules({ role, isOff, isBusy, act }: PartProps) {
  return (
    <Section title="What it may do" note={role.rules.length === 0 ? "nothing yet" : undefined}>
      {role.rules.length > 0 && (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard
        <div className={page.box} tabIndex={0} role="region" aria-label="What it may do">
          <table className={page.table}>
            <thead>
              <tr>
                <th scope="col">To</th>
                <th scope="col">Only</th>
                <th scope="col">Verbs</th>
                {!isOff && (
                  <th scope="col">
                    <span className="hidden">Take away</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {role.rules.map((each, place) => (
                <tr key={place}>
                  <th scope="row">{each.resource}</th>
                  <td>{each.name || "all"}</td>
                  <td>{each.verbs.join(", ")}</td>
                  {!isOff && (
                    <td>
                      <button type="button" className={page.button} disabled={isBusy} aria-label={`Take away ${each.resource} ${each.name}`.trim()} onClick={() => void act("revocations", grantOfRule(role.name, each)).catch(() => undefined)}>
                        Take away
                      </button>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {!isOff && <NewRule role={role} isOff={isOff} isBusy={isBusy} act={act} />}
    </Section>
  );
}

function NewRule({ role, isBusy, act }: PartProps) {
  const [resource, setResource] = useState("stages");
  const [name, setName] = useState("");
  const [verbs, setVerbs] = useState<readonly string[]>(["get", "list", "watch"]);
  const offered = RESOURCES[resource] ?? [];
  const chosen = verbs.filter((each) => offered.includes(each));
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    act("grants", grantOfRule(role.name, { resource, name, verbs: chosen })).then(() => setName(""), () => undefined);
  };
  return (
    <form className={styles.rule} onSubmit={onSubmit} aria-label="Give a right">
      <label className={page.field}>
        To
        <select className={page.input} value={resource} onChange={(event) => setResource(event.target.value)}>
          {Object.keys(RESOURCES).map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <Field label="Only the one of this name" placeholder="all" value={name} onChange={setName} />
      <fieldset className={styles.verbs}>
        <legend className={page.muted}>Verbs</legend>
        {offered.map((each) => (
          <label key={each} className={page.check}>
            <input type="checkbox" checked={verbs.includes(each)} onChange={(event) => setVerbs(event.target.checked ? [...verbs, each] : verbs.filter((other) => other !== each))} />
            {each}
          </label>
        ))}
      </fieldset>
      <ActButton type="submit" isBusy={isBusy} why={chosen.length === 0 ? "Choose a verb." : ""}>
        Give this right
      </ActButton>
    </form>
  );
}
