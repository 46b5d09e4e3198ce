import { useNow } from "../services.ts";
import { StateWord } from "../state/StateWord.tsx";
import { exactly, span, zoned } from "../time/words.ts";
import type { PromotionInfo } from "./read.ts";
import type { Wait } from "./usePromotion.ts";
import styles from "./promotions.module.css";

export interface ProgressProps {
  readonly promotion: PromotionInfo;
  readonly waits: Wait | null;
}

/** The phase, how long it has taken beside how long such take, and what it waits for and who ends that. */
export function Progress({ promotion, waits }: ProgressProps) {
  const now = useNow(1);
  const done = promotion.steps.filter((each) => each.status === "Succeeded" || each.status === "Skipped").length;
  const detail = promotion.phase === "Running" ? `${Math.min(done + 1, promotion.steps.length)}/${promotion.steps.length}` : undefined;
  return (
    <div className={styles.progress} data-phase={promotion.phase}>
      <p className={styles.phase}>
        <StateWord meaning={promotion.meaning} detail={detail} tinted />
        <span>{took(promotion, now)}</span>
      </p>
      {promotion.start > 0 && promotion.typical !== null && <Typical promotion={promotion} now={now} />}
      {promotion.message !== "" && <p className={promotion.meaning.role === "fail" ? styles.failure : styles.message}>{promotion.message}</p>}
      {waits !== null && (
        <p className={styles.waits}>
          <strong>Waits:</strong> {waits.reason}
          {waits.until > 0 && (
            <>
              {" · looked at again "}
              <time title={exactly(waits.until)}>{zoned(waits.until, now)}</time>
              {waits.until > now ? `, in ${span(waits.until - now)}` : ""}
            </>
          )}
          {(waits.endedBy !== "" || waits.wokenBy.length > 0) && ` · ended by ${waits.endedBy || waits.wokenBy.join(" or ")}`}
        </p>
      )}
    </div>
  );
}

function took(promotion: PromotionInfo, now: number): string {
  if (promotion.start === 0) return promotion.created > 0 ? `asked for ${span(now - promotion.created)} ago` : "";
  return promotion.end > 0 ? `took ${short(promotion.end - promotion.start)}` : `${span(now - promotion.start)} so far`;
}

/** Times are told in whole seconds: what took none of them took something all the same. */
const short = (seconds: number): string => (seconds < 1 ? "under 1 s" : span(seconds));

/** Elapsed time on the scale of those before it: half of them took no longer than the first mark, all but a twentieth no longer than the second. */
function Typical({ promotion, now }: { readonly promotion: PromotionInfo; readonly now: number }) {
  const { typical } = promotion;
  if (typical === null) return null;
  const elapsed = (promotion.end || now) - promotion.start;
  const most = Math.max(elapsed, typical.p95, 1) * 1.1;
  const share = (seconds: number) => `${(seconds / most) * 100}%`;
  return (
    <div className={styles.typical}>
      <div className={styles.scale} aria-hidden="true">
        <span className={styles.elapsed} style={{ width: share(elapsed) }} />
        <span className={styles.mark} style={{ left: share(typical.p50) }} />
        <span className={styles.mark} style={{ left: share(typical.p95) }} />
      </div>
      <p className={styles.muted}>
        typically {typical.p50 === typical.p95 ? short(typical.p50) : `${short(typical.p50)} to ${short(typical.p95)}`}, of {typical.of} before it
        {promotion.end === 0 && elapsed > typical.p95 ? " · this one takes longer" : ""}
      </p>
    </div>
  );
}
