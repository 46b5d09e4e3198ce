import { useId, type ReactNode } from "react";
import type { WireLine } from "@/shared/api/documents.ts";
import { person } from "@/shared/people.ts";
import { useNow } from "@/shared/services.ts";
import { Glyph } from "@/shared/state/Glyph.tsx";
import type { Role } from "@/shared/state/roles.ts";
import { exactly, moment } from "@/shared/time/words.ts";
import { count, ending } from "./read.ts";
import styles from "./line.module.css";

/** How each Stage of the Project stands to a stop: those that are held by it first, then those that are not, and why. */
export function Standing({ line }: { readonly line: WireLine }) {
  const title = useId();
  const { partly } = line;
  return (
    <section className={styles.section} aria-labelledby={title}>
      <h3 id={title}>Its Stages</h3>
      <ul className={styles.standing}>
        <Group state="wait" what="to be held now" names={line.toHold} name="toHold">
          {partly.length > 0 && <p className={styles.muted}>Somebody holds {partly.join(", ")} already, of one Warehouse alone: the rest is held, and that hold stays.</p>}
        </Group>
        <Group state="held" what="held already, and left as they are" names={line.held} name="held" />
        <Group state="fail" what="not for you to hold: you have no right to promote there" names={line.forbidden} name="forbidden" />
        <Group state="fail" what="empty: nothing is there to be held, and the first Freight still comes by itself" names={line.empty} name="empty" />
        <Group state="fail" what="cannot be read, and is not held" names={line.unreadable} name="unreadable" />
        <Group state="none" what="without auto-promotion: nothing comes by itself there" names={line.manual} name="manual" />
      </ul>
      <Ending line={line} />
    </section>
  );
}

/** Up to so many are named before somebody asks. */
const FEW = 6;

function Group({ state, what, names, name, children }: { readonly state: Role; readonly what: string; readonly names: readonly string[]; readonly name: string; readonly children?: ReactNode }) {
  if (names.length === 0) return null;
  return (
    <li data-standing={name}>
      <Glyph role={state} size={16} />
      <div>
        <p>
          <strong>{count(names)}</strong> {what}
        </p>
        <Names names={names} />
        {children}
      </div>
    </li>
  );
}

/** Names of Stages: a few of them in a line, many behind a fold. */
export function Names({ names }: { readonly names: readonly string[] }) {
  if (names.length <= FEW) return <p className={styles.names}>{names.join(", ")}</p>;
  return (
    <details className={styles.more}>
      <summary>{names.slice(0, 3).join(", ")} and {names.length - 3} more</summary>
      <p className={styles.names}>{names.join(", ")}</p>
    </details>
  );
}

/** Holds that end by themselves: the Stage goes on then, whatever else is held. */
function Ending({ line }: { readonly line: WireLine }) {
  const now = useNow(10);
  return ending(line).slice(0, FEW).map((each) => (
    <p key={`${each.stage} ${each.origin}`} className={styles.warning}>
      The hold of {each.stage}, by {person(each.actor)}, ends by itself <time title={exactly(each.until)}>{moment(each.until, now)}</time>.
    </p>
  ));
}
