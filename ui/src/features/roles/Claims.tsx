import { useState, type SyntheticEvent } from "react";
import { ActButton } from "@/shared/parts/ActButton.tsx";
import { Field } from "@/shared/parts/Field.tsx";
import { Section } from "@/shared/parts/Section.tsx";
import page from "@/shared/parts/page.module.css";
import { grantOfClaim, type Role } from "./read.ts";
import styles from "./roles.module.css";

export interface PartProps {
  readonly role: Role;
  readonly isOff: boolean;
  readonly isBusy: boolean;
  /** Give or take something; raises what the server refuses. */
  readonly act: (end: "grants" | "revocations", body: object) => Promise<void>;
}

/** Whom a role is for: one claim that fits is enough. */
export function Claims({ role, isOff, isBusy, act }: PartProps) {
  const [claim, setClaim] = useState("groups");
  const [value, setValue] = useState("");
  const all = role.claims.flatMap((each) => each.values.map((one) => ({ name: each.name, value: one })));
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    // What was typed stays when it is refused.
    act("grants", grantOfClaim(role.name, claim, value)).then(() => setValue(""), () => undefined);
  };
  return (
    <Section title="Who has it" note={all.length === 0 ? "nobody" : "one of these is enough"}>
      <ul className={styles.lines}>
        {all.map((each) => (
          <li key={`${each.name} ${each.value}`} className={styles.line}>
            <span>
              <span className={page.muted}>{each.name}</span> {each.value}
            </span>
            {!isOff && (
              <button type="button" className={page.button} disabled={isBusy} aria-label={`Take away from ${each.name} ${each.value}`} onClick={() => void act("revocations", grantOfClaim(role.name, each.name, each.value)).catch(() => undefined)}>
                Take away
              </button>
            )}
          </li>
        ))}
      </ul>
      {!isOff && (
        <form className={page.row} onSubmit={onSubmit}>
          <Field label="Claim" value={claim} isRequired onChange={setClaim} />
          <Field label="Value" value={value} isRequired onChange={setValue} />
          <ActButton type="submit" isBusy={isBusy}>
            Give it to them
          </ActButton>
        </form>
      )}
    </Section>
  );
}
