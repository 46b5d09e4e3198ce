import type { WireVerdicts, WireVerdictsOf } from "@/shared/api/documents.ts";
import page from "@/shared/parts/page.module.css";
import { StateWord } from "@/shared/state/StateWord.tsx";
import { countsOf, outcomeOf, stateOf, winnerNow, winnerOf } from "./explained.ts";
import styles from "./warehouse.module.css";

export interface ToldProps {
  readonly told: WireVerdicts;
  /** What is told of the Warehouse as it is, where `told` is a trial. */
  readonly now?: WireVerdicts | undefined;
}

/** What a look came to: the Freight that is made of it, and of each subscription every candidate with its verdict. */
export function Told({ told, now }: ToldProps) {
  const freight = told.freight ?? null;
  return (
    <>
      {freight !== null && (
        <p>
          <StateWord meaning={stateOf(freight.state)} /> <span className={page.muted}>{[freight.alias || (freight.name ?? "").slice(0, 7), freight.message].filter(Boolean).join(" – ")}</span>
        </p>
      )}
      {told.subscriptions.map((each) => (
        <Subscription key={each.place} subscription={each} before={told.edited === true ? winnerNow(now, each) : null} />
      ))}
    </>
  );
}

function Subscription({ subscription, before }: { readonly subscription: WireVerdictsOf; readonly before: string | null }) {
  const where = subscription.repoURL || subscription.name;
  const winner = winnerOf(subscription);
  return (
    <section aria-label={where} className={page.section}>
      <h3 className={styles.where}>
        <span className={page.kind}>{subscription.type}</span> {where}
      </h3>
      {before !== null && before !== winner && (
        <p data-moved={winner}>
          {winner === "" ? "Nothing would win" : `${winner} would win`}; now {before === "" ? "nothing does" : `${before} does`}.
        </p>
      )}
      {before !== null && before === winner && <p className={page.muted}>{winner === "" ? "Nothing would win, as now." : `${winner} would win, as now.`}</p>}
      {subscription.error !== "" && <p className={page.refused}>{subscription.error}</p>}
      {subscription.notes.map((note, place) => (
        <p key={place} className={page.muted}>
          {note}
        </p>
      ))}
      {subscription.candidates.length > 0 && <Candidates where={where} subscription={subscription} />}
      {subscription.candidates.length === 0 && subscription.error === "" && <p className={page.muted}>It has no candidates.</p>}
      {subscription.excluded.length > 0 && <p className={page.muted}>Kept out, by rule: {countsOf(subscription.excluded)}</p>}
      {subscription.leftOut > 0 && <p className={page.muted}>{subscription.leftOut} of those kept out are not listed.</p>}
    </section>
  );
}

function Candidates({ where, subscription }: { readonly where: string; readonly subscription: WireVerdictsOf }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls is reached by the keyboard
    <div className={`${page.box} ${styles.tall}`} tabIndex={0} role="region" aria-label={`Candidates of ${where}`}>
      <table className={page.table}>
        <thead>
          <tr>
            <th scope="col">Candidate</th>
            <th scope="col">Verdict</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {subscription.candidates.map((each, place) => (
            <tr key={place} data-outcome={each.outcome}>
              <th scope="row">{each.name}</th>
              <td className={page.once}>
                <StateWord meaning={outcomeOf(each.outcome)} />
              </td>
              <td>
                {each.reason}
                {(each.rule ?? "") !== "" && (
                  <p className={page.muted}>
                    by <span className={page.mono}>{each.rule}</span>
                  </p>
                )}
                {(each.detail ?? "") !== "" && <p className={page.muted}>{each.detail}</p>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
