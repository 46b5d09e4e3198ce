import type { ReactNode } from "react";
import type { WireVerdicts } from "@/shared/api/documents.ts";
import { seconds } from "@/shared/api/paths.ts";
import { Age } from "@/shared/parts/Age.tsx";
import { When } from "@/shared/parts/When.tsx";
import page from "@/shared/parts/page.module.css";
import { useNow } from "@/shared/services.ts";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { span } from "@/shared/time/words.ts";
import { bytes } from "@/shared/sizes.ts";
import { spentWords } from "./explained.ts";

/** When it looked and looks, what keeps it from it and since when, what it waits for, and what its looks cost those whom it asks. */
export function Fares({ told }: { readonly told: WireVerdicts }) {
  const now = useNow(1);
  const { failing = null, settling = null, spent = null, waitingFor = "" } = told;
  const [last, next] = [seconds(told.lastLook), seconds(told.nextLook)];
  return (
    <dl className={page.facts}>
      {failing !== null && (
        <Row name="Fails">
          <StateWord meaning={{ role: "fail", word: "Cannot look" }} />
          {seconds(failing.since) > 0 && (
            <>
              {" "}
              for <Age since={seconds(failing.since)} />, since <When at={seconds(failing.since)} isAlone />
            </>
          )}
          <p className={page.refused}>{failing.message || failing.reason}</p>
        </Row>
      )}
      {settling !== null && (
        <Row name="Settles">
          <StateWord meaning={{ role: "wait", word: "Waits for pushes to end" }} /> until <When at={seconds(settling.until)} isAlone /> ({span(seconds(settling.until) - now)})
          <p className={page.muted}>
            pushes since <When at={seconds(settling.began)} isAlone />, the last <Age since={seconds(settling.changed)} /> ago; Freight is made at <When at={seconds(settling.latest)} isAlone /> at the latest
          </p>
        </Row>
      )}
      <Row name="Last look">{last === 0 ? "none yet" : <><Age since={last} /> ago, at <When at={last} isAlone /></>}</Row>
      <Row name="Next look">{next === 0 ? "none is due" : next <= now ? "now" : <>in {span(next - now)}, at <When at={next} isAlone /></>}</Row>
      {waitingFor !== "" && <Row name="Waits for">{waitingFor}</Row>}
      <Row name="Has cost">
        {spent === null ? (
          "nothing since the server's start"
        ) : (
          <>
            {spentWords(spent)} <span className={page.muted}>since <When at={seconds(spent.since)} isAlone />; the last look {spent.lastRequests} {spent.lastRequests === 1 ? "request" : "requests"}, {bytes(spent.lastBytes)}</span>
          </>
        )}
      </Row>
    </dl>
  );
}

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
