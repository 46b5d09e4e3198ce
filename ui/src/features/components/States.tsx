import { Age } from "@/shared/parts/Age.tsx";
import { Icon, type IconName } from "@/shared/parts/Icon.tsx";
import { Version } from "@/shared/parts/Version.tsx";
import { When } from "@/shared/parts/When.tsx";
import { useNow } from "@/shared/services.ts";
import { Glyph } from "@/shared/state/Glyph.tsx";
import { SegmentBar } from "@/shared/state/SegmentBar.tsx";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { HEALTH, LENS, PROMOTION, ROLES, STAGE, STEP, VERIFICATION, type Meaning } from "@/shared/state/roles.ts";
import { Sample } from "./Sample.tsx";
import styles from "./components.module.css";

const TABLES: readonly (readonly [string, Readonly<Record<string, Meaning>>])[] = [
  ["Stages", STAGE],
  ["The lens", LENS],
  ["Promotions", PROMOTION],
  ["Verifications", VERIFICATION],
  ["Health", HEALTH],
  ["Steps", STEP],
];
const ICONS: readonly IconName[] = ["overview", "board", "search", "inbox", "history", "health", "help", "user", "close", "down", "right", "check", "plus", "settings", "stop", "lens"];

/** States, versions and times: what every screen is made of. */
export function States() {
  const now = useNow(10);
  return (
    <>
      <Sample name="Glyph" isRow>
        {ROLES.map((role) => (
          <span key={role}>
            <Glyph role={role} size={28} /> {role}
          </span>
        ))}
      </Sample>
      <Sample name="StateWord">
        {TABLES.map(([name, table]) => (
          <p key={name} className={styles.row}>
            <strong>{name}</strong>
            {Object.entries(table).map(([phase, meaning]) => (
              <StateWord key={phase} meaning={meaning} tinted />
            ))}
          </p>
        ))}
        <p className={styles.row}>
          <StateWord meaning={{ role: "run", word: "Running" }} detail="3/7" /> without a tint, with a detail
        </p>
      </Sample>
      <Sample name="SegmentBar">
        <div className={styles.narrow}>
          <SegmentBar roles={["ok", "ok", "wait", "fail", "held", "run", "none"]} label="one of each, two steady" />
          <SegmentBar roles={Array.from({ length: 60 }, (_, place) => (place % 9 === 0 ? "fail" : "ok"))} label="7 failed, 53 steady" />
        </div>
      </Sample>
      <Sample name="Version" isRow>
        <Version text="1.4.2" />
        <Version text="2026-11-29_1628-0000001-hotfix" strong />
        <Version text="sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" />
      </Sample>
      <Sample name="Age" isRow>
        <Age since={now - 40} />
        <Age since={now - 90_000} />
      </Sample>
      <Sample name="When" isRow>
        <When at={now - 40} />
        <When at={now - 9_000_000} />
        <When at={now - 40} isAlone />
        <When at={0} />
      </Sample>
      <Sample name="Icon" isRow>
        {ICONS.map((name) => (
          <span key={name}>
            <Icon name={name} size={20} /> {name}
          </span>
        ))}
      </Sample>
    </>
  );
}
