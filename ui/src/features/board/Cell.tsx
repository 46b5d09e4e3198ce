import { memo } from "react";
import { Age } from "@/shared/parts/Age.tsx";
import { Version } from "@/shared/parts/Version.tsx";
import { Glyph } from "@/shared/state/Glyph.tsx";
import { HEALTH, meaning } from "@/shared/state/roles.ts";
import type { LensCell } from "@/shared/lens/lens.ts";
import type { FreightInfo, StageInfo } from "./read.ts";
import { artifactsOf, lensLine, thirdLine, versionOf } from "./words.ts";
import styles from "./cell.module.css";

export interface CellProps {
  readonly stage: StageInfo;
  readonly freight: ReadonlyMap<string, FreightInfo>;
  /** What the selected Freight means here; undefined while none is selected. */
  readonly lens: LensCell | undefined;
  /** Versions of the Stages before it: what differs from them is marked. */
  readonly upstream: ReadonlySet<string>;
  readonly now: number;
}

const MOST_VERSIONS = 2;

/** To the eye alone: `cellName` says the same to screen readers. Three lines: which Stage and since when; what is there; how it is, and the one thing to know about it. */
export const Cell = memo(function Cell({ stage, freight, lens, upstream, now }: CellProps) {
  const artifacts = artifactsOf(stage, freight);
  const shown = lens?.meaning ?? stage.meaning;
  const line = lens === undefined ? thirdLine(stage, now) : lensLine(lens, now);
  return (
    <span className={`${styles.cell} ${styles[shown.role]}`} data-role={shown.role} aria-hidden="true">
      <span className={styles.first}>
        <span className={styles.name}>{stage.name}</span>
        <HealthNotch stage={stage} />
        {(stage.failed || stage.since) > 0 && (
          <span className={styles.age} data-age={stage.failed > 0 ? "failed" : "there"}>
            <Age since={stage.failed || stage.since} />
          </span>
        )}
      </span>
      <span className={styles.second}>
        {artifacts.length === 0 && <span className={styles.muted}>–</span>}
        {artifacts.slice(0, MOST_VERSIONS).map((each, place) => (
          <Version key={place} text={versionOf(each)} most={artifacts.length > 1 ? 12 : 24} strong={upstream.size > 0 && !upstream.has(versionOf(each))} />
        ))}
        {artifacts.length > MOST_VERSIONS && <span className={styles.muted}>+{artifacts.length - MOST_VERSIONS}</span>}
      </span>
      <span className={styles.third}>
        <Glyph role={shown.role} />
        <span className={styles.word}>{shown.word}</span>
        {line !== "" && <span className={styles.line}>{line}</span>}
      </span>
    </span>
  );
});

/** The world as it was observed, beside where the move stands: shown where it is not well, or not what was promoted. */
function HealthNotch({ stage }: { readonly stage: StageInfo }) {
  const isQuiet = stage.health === "Healthy" || stage.health === "NotApplicable";
  if (isQuiet && stage.drift === "") return null;
  const { role, word } = stage.drift === "" ? meaning(HEALTH, stage.health) : { role: "wait" as const, word: "Drifted" };
  return (
    <span className={`${styles.notch} ${styles[role]}`} title={stage.drift === "" ? word : `Drifted: ${stage.drift}`}>
      {word}
    </span>
  );
}
