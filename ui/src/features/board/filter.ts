import type { BoardInfo } from "./read.ts";
import { artifactsOf, versionOf } from "./words.ts";

/** The board with those Stages alone whose name, state, version or row has the text. */
export function filtered(board: BoardInfo, text: string): BoardInfo {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return board;
  const stages = board.stages.filter((each) =>
    [each.name, each.meaning.word, board.rows[each.row] ?? "", board.columns[each.col]?.title ?? "", ...artifactsOf(each, board.freight).map(versionOf)].some((part) =>
      part.toLowerCase().includes(wanted),
    ),
  );
  return { ...board, stages };
}
