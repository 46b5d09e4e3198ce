import { ForYou } from "@/shared/inbox/ForYou.tsx";
import { InboxList } from "@/shared/inbox/InboxList.tsx";
import { useInbox } from "@/shared/inbox/useInbox.ts";
import { MoveButton } from "@/shared/moves/MoveButton.tsx";
import { Progress } from "@/shared/promotions/Progress.tsx";
import { Steps } from "@/shared/promotions/Steps.tsx";
import { useNow } from "@/shared/services.ts";
import { AndThen } from "@/shared/why/AndThen.tsx";
import { Remedied } from "@/shared/why/Remedied.tsx";
import { Soonest } from "@/shared/why/Soonest.tsx";
import { Evidence } from "@/shared/why/Evidence.tsx";
import { GateLine, OneExplanation, WhyPanel } from "@/shared/why/WhyPanel.tsx";
import { EVIDENCE, PROJECT, STAGE, explanation, gateOf, promotionIn, wait } from "./samples.ts";
import { Sample, nothing } from "./Sample.tsx";

const REMEDIES = ["approve", "promote", "resume", "release"] as const;

/** Moves, how they fare, why they wait, and what waits for whoever looks. */
export function Moving() {
  const now = useNow(60);
  const { items } = useInbox();
  const told = explanation(now);
  const promotions = [
    promotionIn("Pending", 0, "Pending", now),
    promotionIn("Running", 2, "Running", now),
    promotionIn("Succeeded", 4, "Succeeded", now),
    promotionIn("Failed", 2, "Failed", now),
    promotionIn("Aborted", 1, "Aborted", now),
  ];
  return (
    <>
      <Sample name="MoveButton" isRow>
        <MoveButton kind="promote" label="Promote" stages={[STAGE]} />
        <MoveButton kind="rollback" label="Roll back" stages={[STAGE]} />
        <MoveButton kind="hold" label="Hold" stages={[STAGE]} />
      </Sample>
      <Sample name="Progress">
        {promotions.map((each) => (
          <Progress key={each.phase} promotion={each} waits={each.phase === "Running" ? wait(now) : null} />
        ))}
      </Sample>
      <Sample name="Steps">
        {promotions.map((each) => (
          <Steps key={each.phase} promotion={each} inside={(step) => <p>What step {step.alias} has to say.</p>} />
        ))}
        <Steps promotion={{ ...promotionIn("Pending", 0, "Pending", now), steps: [] }} />
      </Sample>
      <Sample name="AndThen">{told !== undefined && <AndThen explanation={told} stage={STAGE} />}</Sample>
      <Sample name="Soonest">{told !== undefined && <Soonest explanation={told} />}</Sample>
      <Sample name="Remedied">
        {REMEDIES.map((verb) => (
          <Remedied key={verb} project={PROJECT} stage={STAGE} freight="calm-otter" gate={gateOf(verb)} />
        ))}
      </Sample>
      <Sample name="Evidence">
        <Evidence project={PROJECT} evidence={EVIDENCE} />
        <Evidence project={PROJECT} evidence={[]} />
      </Sample>
      <Sample name="GateLine">
        <ul>{told?.gates.map((each) => <GateLine key={each.name} project={PROJECT} gate={each} />)}</ul>
      </Sample>
      <Sample name="OneExplanation">{told !== undefined && <OneExplanation project={PROJECT} stage={STAGE} explanation={told} />}</Sample>
      <Sample name="WhyPanel">
        <WhyPanel project={PROJECT} stage={STAGE} freight={undefined} rev={1} onClose={nothing} />
      </Sample>
      <Sample name="InboxList">{items !== null && <InboxList items={items} />}</Sample>
      <Sample name="ForYou">
        <ForYou />
      </Sample>
    </>
  );
}
