/** What changed between two looks at a board, in words for screen readers. Pure. */
import type { BoardInfo } from "./read.ts";
import { artifactsOf, versionOf } from "./words.ts";

/** Stages whose state or versions are others than before; what came or went is seen, and not told. */
export function changesOf(before: BoardInfo, after: BoardInfo): readonly string[] {
  if (before === after) return [];
  const known = new Map(before.stages.map((each) => [each.name, each]));
  return after.stages.flatMap((stage) => {
    const was = known.get(stage.name);
    if (was === undefined || was === stage) return [];
    const versions = artifactsOf(stage, after.freight).map(versionOf).join(" and ");
    const isMoved = stage.freight.join() !== was.freight.join();
    if (!isMoved && was.meaning.word === stage.meaning.word) return [];
    return [`${stage.name}: ${stage.meaning.word.toLowerCase()}${isMoved && versions !== "" ? `, ${versions} is there` : ""}`];
  });
}
