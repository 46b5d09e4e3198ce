import { useEffect, useState } from "react";
import { person } from "@/shared/people.ts";
import { useServices } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { HEALTH, VERIFICATION, meaning } from "@/shared/state/roles.ts";
import { moment, span } from "@/shared/time/words.ts";
import { blockerWords } from "@/shared/lens/lens.ts";
import { useLastMove, type LastMove } from "./lastMove.ts";
import { usePast } from "./past.ts";
import type { BoardInfo, StageInfo } from "./read.ts";
import { artifactsOf, freightTitle, versionOf } from "./words.ts";
import styles from "./focusLayer.module.css";

export interface StageCardProps {
  readonly board: BoardInfo;
  readonly stage: StageInfo;
  readonly now: number;
}

/** How long somebody looks at a card before more is asked for: whoever walks over the board asks nothing. */
const RESTED = 300;

/** What a cell has no room for: all versions, who brought them, when and why, how it was verified, the whole of what went wrong. */
export function StageCard({ board, stage, now }: StageCardProps) {
  const { clock } = useServices();
  const past = usePast();
  const [isRested, setRested] = useState(false);
  useEffect(() => clock.after(RESTED, () => setRested(true)), [clock]);
  const last = useLastMove(board.project, stage, isRested && past === null);
  return (
    <>
      <p className={styles.head}>
        <strong>{stage.name}</strong> <StateWord meaning={stage.meaning} />
      </p>
      <dl className={styles.facts}>
        {factsOf(board, stage, now, last).map(([name, text]) => (
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
export function factsOf(board: BoardInfo, stage: StageInfo, now: number, last: LastMove | null = null): readonly (readonly [name: string, text: string])[] {
  const next = board.freight.get(stage.next);
  const facts: readonly (readonly [string, string])[] = [
    ["holds", artifactsOf(stage, board.freight).map((each) => `${each[1]} ${versionOf(each)}`.trim()).join(", ")],
    ["since", stage.since > 0 ? `${moment(stage.since, now)} (${span(now - stage.since)})${stage.actor === "" ? "" : `, by ${person(stage.actor)}`}` : ""],
    ["because", last?.reason ?? ""],
    ["commit", (last?.commits ?? []).map((each) => each.text).join(", ")],
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
