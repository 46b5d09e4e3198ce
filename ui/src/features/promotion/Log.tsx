import { useEffect, useRef, useState } from "react";
import { Link } from "@tanstack/react-router";
import { exactly } from "@/shared/time/words.ts";
import styles from "./promotion.module.css";

export interface LogLine {
  /** When it was said, RFC 3339; empty for what follows in the same message. */
  readonly time: string;
  readonly text: string;
  readonly isFailure: boolean;
}

export interface LogProps {
  readonly lines: readonly LogLine[];
  readonly step: string;
  readonly wanted: number | undefined;
  /** Keep to its end while more comes. */
  readonly isFollowed: boolean;
}

/** More than that come when they are asked for: the newest are shown. */
const AT_ONCE = 500;

/** What a step said, line by line; each line has an address of its own. */
export function Log({ lines, step, wanted, isFollowed }: LogProps) {
  const box = useRef<HTMLOListElement>(null);
  const [isWhole, setWhole] = useState(false);
  const first = isWhole || lines.length <= AT_ONCE || (wanted !== undefined && wanted <= lines.length - AT_ONCE) ? 0 : lines.length - AT_ONCE;
  useEffect(() => {
    if (wanted !== undefined) box.current?.querySelector("[data-wanted]")?.scrollIntoView({ block: "center" });
  }, [wanted, lines.length]);
  useEffect(() => {
    const around = box.current;
    const failing = isFollowed || wanted !== undefined ? null : around?.querySelector("[data-failing]");
    // Within its own box: the page stays where it is.
    if (around && failing) around.scrollTop += failing.getBoundingClientRect().top - around.getBoundingClientRect().top - around.clientHeight / 2;
  }, [isFollowed, wanted, lines.length]);
  useEffect(() => {
    if (isFollowed && wanted === undefined && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [isFollowed, wanted, lines.length]);
  if (lines.length === 0) return <p className={styles.muted}>It has said nothing yet.</p>;
  return (
    <>
      {first > 0 && (
        <button type="button" className={styles.button} onClick={() => setWhole(true)}>
          Show the {first} lines before
        </button>
      )}
      {/* A box that scrolls is reached by the keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <ol ref={box} className={styles.log} start={first + 1} tabIndex={0} data-log={step} aria-label={`What ${step} said`}>
        {lines.slice(first).map((each, place) => {
          const number = first + place + 1;
          return (
            <li key={number} className={each.isFailure ? styles.failing : undefined} data-wanted={number === wanted ? "" : undefined} data-failing={each.isFailure ? "" : undefined}>
              <Link to="." search={(was: Record<string, unknown>) => ({ ...was, step, line: number })} replace className={styles.number} aria-label={`Line ${number}`}>
                {number}
              </Link>
              <span className={styles.when}>{each.time === "" ? "" : <time title={exactly(Date.parse(each.time) / 1000)}>{clockTime(each.time)}</time>}</span>
              <span className={styles.said}>{each.text}</span>
            </li>
          );
        })}
      </ol>
    </>
  );
}

/** The time of day, with seconds and the zone. */
function clockTime(time: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return "";
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short" }).format(at);
}
