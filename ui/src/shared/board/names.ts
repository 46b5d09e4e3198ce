/** What Freight is called, from the board of its Project: lists of other routes have its name alone. */
import { useMemo } from "react";
import type { Artifact, WireBoard } from "../api/documents.ts";
import { useDocument } from "../services.ts";
import { boardOf } from "../stream/topics.ts";

export interface FreightName {
  readonly name: string;
  readonly alias: string;
  /** Of its first artifact; a commit is cut to seven letters. */
  readonly version: string;
  readonly warehouse: string;
  readonly time: number;
  readonly artifacts: readonly Artifact[];
}

export function namesOf(board: WireBoard | null): ReadonlyMap<string, FreightName> {
  return new Map(
    (board?.freight ?? []).map((each) => {
      const [kind, , version] = each.artifacts?.[0] ?? ["", "", ""];
      const short = kind === "git" && /^[0-9a-f]{40}$/.test(version) ? version.slice(0, 7) : version;
      return [each.name, { name: each.name, alias: each.alias ?? "", version: short, warehouse: each.warehouse ?? "", time: each.time ?? 0, artifacts: each.artifacts ?? [] }];
    }),
  );
}

/** As people call it: version and alias, else the beginning of its name. */
export function called(names: ReadonlyMap<string, FreightName>, freight: string): string {
  const found = names.get(freight);
  if (found === undefined) return freight.slice(0, 7) || "no Freight";
  return [found.version, found.alias].filter((each) => each !== "").join(" · ") || freight.slice(0, 7);
}

export function useBoard(project: string) {
  const shown = useDocument<WireBoard>(boardOf(project));
  const names = useMemo(() => namesOf(shown.document), [shown.document]);
  return { ...shown, board: shown.document, names };
}
