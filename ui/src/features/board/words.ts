/** What a cell says, in words: its third line, and its name for screen readers. */
import type { Artifact } from "@/shared/api/documents.ts";
import { person } from "@/shared/people.ts";
import { HEALTH, meaning } from "@/shared/state/roles.ts";
import { moment, span } from "@/shared/time/words.ts";
import { arrival, blockerWords, type LensCell } from "@/shared/lens/lens.ts";
import type { FreightInfo, StageInfo } from "./read.ts";

/** The version of an artifact as people say it. */
export const versionOf = ([, label, version, digest]: Artifact): string => version || digest || label;

/** All versions in a Stage, of all Freight there. */
export function artifactsOf(stage: StageInfo, freight: ReadonlyMap<string, FreightInfo>): readonly Artifact[] {
  return stage.freight.flatMap((name) => freight.get(name)?.artifacts ?? []);
}

export function freightTitle(freight: FreightInfo): string {
  const [first] = freight.artifacts;
  return freight.alias || (first === undefined ? freight.name.slice(0, 7) : versionOf(first));
}

/** Exactly one thing: the first that applies of error, hold, progress, what blocks what comes next, how far behind. */
export function thirdLine(stage: StageInfo, now: number): string {
  if (stage.message !== "") return stage.message;
  if (stage.hold !== null) {
    const until = stage.hold.until > 0 ? `, until ${moment(stage.hold.until, now)}` : "";
    return `by ${person(stage.hold.actor)}${stage.hold.reason === "" ? "" : `: ${stage.hold.reason}`}${until}`;
  }
  if (stage.step !== null) {
    const { number, of, alias, since } = stage.step;
    return [`step ${number}/${of}`, alias, since > 0 ? span(now - since) : ""].filter((each) => each !== "").join(" ");
  }
  if (stage.drift !== "") return `something else is there: ${stage.drift}`;
  if (stage.blocker !== null && stage.next !== "") return `next: ${blockerWords(stage.blocker.gate, stage.blocker.opensAt, now)}`;
  if (stage.queued > 0) return `${stage.queued} queued`;
  if (stage.behind > 0) return `${stage.behind} behind`;
  return "";
}

export function lensLine(cell: LensCell, now: number): string {
  if (cell.state === "waits") return blockerWords(cell.gate, cell.opensAt, now);
  if (cell.state === "queued" || cell.state === "can") return arrival(cell, now);
  return "";
}

/** What a screen reader says of a cell: all that is seen, in one sentence. */
export function cellName(stage: StageInfo, freight: ReadonlyMap<string, FreightInfo>, lens: LensCell | undefined, now: number): string {
  const versions = artifactsOf(stage, freight).map(versionOf);
  const parts = [
    stage.name,
    versions.length === 0 ? "nothing there" : versions.slice(0, 3).join(" and "),
    stage.meaning.word.toLowerCase(),
    stage.health === "Healthy" || stage.health === "NotApplicable" ? "" : meaning(HEALTH, stage.health).word.toLowerCase(),
    stage.failed > 0 ? `failed ${span(now - stage.failed)} ago` : "",
    stage.since > 0 ? `since ${span(now - stage.since)}` : "",
    thirdLine(stage, now),
    lens === undefined ? "" : `selected Freight: ${lens.meaning.word} ${lensLine(lens, now)}`.trim(),
  ];
  return parts.filter((each) => each !== "").join(", ");
}

export function nextLook(next: number, now: number): string {
  if (next === 0) return "no next look is planned";
  return next <= now ? "looks now" : next - now < 3600 ? `next look in ${span(next - now)}` : `next look ${moment(next, now)}`;
}
