import { Age } from "@/shared/parts/Age.tsx";
import { Icon } from "@/shared/parts/Icon.tsx";
import { Empty, Loading, Problem } from "@/shared/parts/Panel.tsx";
import { Version } from "@/shared/parts/Version.tsx";
import { ApiError } from "@/shared/api/client.ts";
import { useNow } from "@/shared/services.ts";
import { Glyph } from "@/shared/state/Glyph.tsx";
import { SegmentBar } from "@/shared/state/SegmentBar.tsx";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { HEALTH, LENS, PROMOTION, ROLES, STAGE, STEP, VERIFICATION, type Meaning } from "@/shared/state/roles.ts";
import styles from "./components.module.css";

const TABLES: readonly (readonly [string, Readonly<Record<string, Meaning>>])[] = [
  ["Stages", STAGE],
  ["The lens", LENS],
  ["Promotions", PROMOTION],
  ["Verifications", VERIFICATION],
  ["Health", HEALTH],
  ["Steps", STEP],
];
const ICONS = ["overview", "board", "search", "help", "user", "close", "down", "right", "check", "plus", "lens"] as const;
const nothing = () => undefined;

/** Every component in every state: what somebody who changes one looks at, in both themes. Development builds alone have it. */
export function ComponentsPage() {
  const now = useNow(10);
  return (
    <div className={styles.page}>
      <h1>Components</h1>
      <section>
        <h2>Glyphs</h2>
        <p className={styles.row}>
          {ROLES.map((role) => (
            <span key={role}>
              <Glyph role={role} size={28} /> {role}
            </span>
          ))}
        </p>
      </section>
      {TABLES.map(([name, table]) => (
        <section key={name}>
          <h2>{name}</h2>
          <p className={styles.row}>
            {Object.entries(table).map(([phase, meaning]) => (
              <StateWord key={phase} meaning={meaning} tinted />
            ))}
          </p>
        </section>
      ))}
      <section>
        <h2>Groups</h2>
        <div className={styles.narrow}>
          <SegmentBar roles={["ok", "ok", "wait", "fail", "held", "run", "none"]} label="one of each, two steady" />
          <SegmentBar roles={Array.from({ length: 60 }, (_, place) => (place % 9 === 0 ? "fail" : "ok"))} label="7 failed, 53 steady" />
        </div>
      </section>
      <section>
        <h2>Versions and times</h2>
        <p className={styles.row}>
          <Version text="1.4.2" />
          <Version text="2026-11-29_1628-0000001-hotfix" strong />
          <Version text="sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" />
          <Age since={now - 40} />
          <Age since={now - 90_000} />
        </p>
      </section>
      <section>
        <h2>Icons</h2>
        <p className={styles.row}>
          {ICONS.map((name) => (
            <span key={name}>
              <Icon name={name} size={20} /> {name}
            </span>
          ))}
        </p>
      </section>
      <section>
        <h2>Panels</h2>
        <Loading what="500 Stages" />
        <Empty title="Nothing waits for you">
          <p>Approvals and failed moves of yours show here.</p>
        </Empty>
        <Problem what="The board" error={new ApiError(503, "the database is away", "4f2a9c")} retry={nothing} age={42} />
        <Problem what="The board" error={new ApiError(403, 'User "email:jo@example.com" may not get stages in shop', "4f2a9d")} retry={nothing} />
        <Problem what="The board" error={new TypeError("Failed to fetch")} retry={nothing} />
      </section>
    </div>
  );
}
