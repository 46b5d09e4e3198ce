/** Times in words. All ages are by the server's clock; every time names its zone or is an age with a unit. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span in at most two units: `45 s`, `12 min`, `2 h 10 min`, `6 d`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < DAY) return pair(Math.floor(whole / HOUR), "h", Math.floor((whole % HOUR) / MINUTE), "min");
  const days = Math.floor(whole / DAY);
  return days < 3 ? pair(days, "d", Math.floor((whole % DAY) / HOUR), "h") : `${days} d`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** An age for a cell: one unit. */
export function age(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < 2 * DAY) return `${Math.floor(whole / HOUR)} h`;
  return `${Math.floor(whole / DAY)} d`;
}

export type Zone = "local" | "UTC";

/** A moment: the time alone today, with weekday within a week, else with the date; the zone beside it in UTC. */
export function moment(seconds: number, now: number, zone: Zone = "local"): string {
  const date = new Date(seconds * 1000);
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const days = Math.abs(seconds - now) / DAY;
  if (!sameDay(seconds, now, zone)) Object.assign(options, days < 6 ? { weekday: "short" } : { day: "numeric", month: "short" });
  if (days > 300) options.year = "numeric";
  if (zone === "UTC") options.timeZone = "UTC";
  const text = new Intl.DateTimeFormat("en-GB", options).format(date).replace(",", "");
  return zone === "UTC" ? `${text} UTC` : text;
}

/** The zone that times without one are in, for the head of a table: `CET`, `UTC`. It differs between summer and winter. */
export function zoneWords(seconds = 0): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(new Date(seconds * 1000));
  return parts.find((each) => each.type === "timeZoneName")?.value ?? "";
}

/** A moment with its zone, for a sentence: `Tue 14:10 CET`. */
export const zoned = (seconds: number, now: number): string => `${moment(seconds, now)} ${zoneWords(seconds)}`;

/** A moment whole, with seconds and zone: what stands behind every age. */
export function exactly(seconds: number, zone: Zone = "local"): string {
  const options: Intl.DateTimeFormatOptions = {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  };
  if (zone === "UTC") options.timeZone = "UTC";
  return new Intl.DateTimeFormat("en-GB", options).format(new Date(seconds * 1000));
}

function sameDay(a: number, b: number, zone: Zone): boolean {
  const options: Intl.DateTimeFormatOptions = { dateStyle: "short", ...(zone === "UTC" ? { timeZone: "UTC" } : {}) };
  const format = new Intl.DateTimeFormat("en-GB", options);
  return format.format(new Date(a * 1000)) === format.format(new Date(b * 1000));
}
