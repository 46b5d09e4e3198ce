import { useLiveness, useNow, useServices } from "@/shared/services.ts";
import { exactly, span, zoned } from "@/shared/time/words.ts";
import styles from "./liveness.module.css";

/** Whether the page is right now: dot and word, how old what is shown is, and the server's time. */
export function LivenessPill() {
  const { serverClock } = useServices();
  const live = useLiveness();
  const now = useNow(1);
  const heard = live.heardAt === null ? null : serverClock.of(live.heardAt) / 1000;
  const text = {
    starting: "Connecting…",
    live: "Live",
    reconnecting: heard === null ? "Reconnecting…" : `Reconnecting… data from ${span(now - heard)} ago`,
    stale: heard === null ? "No answer from the server" : `Stale since ${clockTime(heard)}`,
  }[live.state];
  return (
    <p className={`${styles.pill} ${styles[live.state]}`} data-liveness={live.state}>
      <span className={styles.dot} aria-hidden="true" />
      <span>{text}</span>
      <time className={styles.time} dateTime={new Date(now * 1000).toISOString()} title={`The server's time: ${exactly(now)}`}>
        {zoned(now, now)}
      </time>
    </p>
  );
}

/** Below the bar while nothing that is shown can be acted on. Reading goes on. */
export function StaleBar() {
  const { hub } = useServices();
  const live = useLiveness();
  if (live.state !== "stale") return null;
  return (
    <div className={styles.bar} role="status">
      <span>
        The server has not been heard for a while: what is shown may have changed. Nothing can be moved until it is back.
      </span>
      <button type="button" className={styles.again} onClick={() => hub.refresh()}>
        Refresh now
      </button>
    </div>
  );
}

/** Said once this computer's clock is wrong by more than half a minute. */
export function ClockNote() {
  const { serverClock } = useServices();
  useNow(10);
  const ahead = serverClock.ahead() / 1000;
  const off = Math.abs(ahead);
  if (off <= 30) return null;
  // To the minute: an answer is under way for a while, and may say its time in whole seconds.
  const about = off < 60 ? off : Math.round(off / 60) * 60;
  return (
    <p className={styles.note}>
      Your clock is {span(about)} {ahead > 0 ? "ahead" : "behind"}: ages are by the server's time.
    </p>
  );
}

function clockTime(seconds: number): string {
  return new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" }).format(new Date(seconds * 1000));
}
