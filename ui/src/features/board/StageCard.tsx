import { person } from "@/shared/people.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { HEALTH, VERIFICATION, meaning } from "@/shared/state/roles.ts";
import { moment, span } from "@/shared/time/words.ts";
import { blockerWords } from "@/shared/lens/lens.ts";
import type { BoardInfo, StageInfo } from "./read.ts";
import { artifactsOf, freightTitle, versionOf } from "./words.ts";
import styles from "./focusLayer.module.css";

export interface StageCardProps {
  readonly board: BoardInfo;
  readonly stage: StageInfo;
  readonly now: number;
}

/** What a cell has no room for: all versions, who brought them and when, how it was verified, the whole of what went wrong. */
export function StageCard({ board, stage, now }: StageCardProps) {
  return (
    <>
      <p className={styles.head}>
        <strong>{stage.name}</strong> <StateWord meaning={stage.meaning} />
      </p>
      <dl className={styles.facts}>
        {factsOf(board, stage, now).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** The facts in the order in which they are asked for; what is not known is left out. */
export function factsOf(board: BoardInfo, stage: StageInfo, now: number): readonly (readonly [name: string, text: string])[] {
  const next = board.freight.get(stage.next);
  const facts: readonly (readonly [string, string])[] = [
    ["holds", artifactsOf(stage, board.freight).map((each) => `${each[1]} ${versionOf(each)}`.trim()).join(", ")],
    ["since", stage.since > 0 ? `${moment(stage.since, now)} (${span(now - stage.since)})${stage.actor === "" ? "" : `, by ${person(stage.actor)}`}` : ""],
    ["verified", stage.freight.length === 0 ? "" : meaning(VERIFICATION, stage.verify).word],
    ["health", stage.isFlow ? "" : meaning(HEALTH, stage.health).word],
    ["drift", stage.drift],
    ["held", stage.hold === null ? "" : [`by ${person(stage.hold.actor)}`, stage.hold.since > 0 ? `${span(now - stage.hold.since)} ago` : "", stage.hold.reason, stage.hold.until > 0 ? `until ${moment(stage.hold.until, now)}` : ""].filter((each) => each !== "").join(", ")],
    ["failed", stage.failed > 0 ? `${moment(stage.failed, now)} (${span(now - stage.failed)} ago)` : ""],
    ["said", stage.message],
    ["next", next === undefined ? "" : [freightTitle(next), stage.blocker === null ? "can go now" : blockerWords(stage.blocker.gate, stage.blocker.opensAt, now)].join(": ")],
    ["queue", stage.queued > 0 ? `${stage.queued} waiting` : ""],
    ["takes", stage.isAuto ? "what is new by itself" : stage.isFlow ? "" : "what somebody promotes"],
  ];
  return facts.filter(([, text]) => text !== "");
}
