/** What the server says of itself, in the order in which somebody acts on it. */
import type { FoundThing, WireDiagnosis } from "@/shared/api/documents.ts";
import type { Meaning } from "@/shared/state/roles.ts";

export const WELLNESS: Readonly<Record<FoundThing["is"], Meaning>> = {
  ok: { role: "ok", word: "Well" },
  ill: { role: "fail", word: "Ill" },
  unknown: { role: "wait", word: "Not known" },
};

export interface Diagnosed {
  /** What is ill, then what could not be told. */
  readonly wrong: readonly FoundThing[];
  readonly well: readonly FoundThing[];
  readonly said: string;
}

export function readDiagnosis(wire: Pick<WireDiagnosis, "items">): Diagnosed {
  // A state that a newer server has is not known here.
  const items = wire.items.map((each) => (Object.hasOwn(WELLNESS, each.is) ? each : { ...each, is: "unknown" as const }));
  const ill = items.filter((each) => each.is === "ill");
  const unknown = items.filter((each) => each.is === "unknown");
  const said = [ill.length > 0 ? `${ill.length} ill` : "", unknown.length > 0 ? `${unknown.length} not known` : ""].filter(Boolean).join(", ");
  return { wrong: [...ill, ...unknown], well: items.filter((each) => each.is === "ok"), said: said || "nothing" };
}

/** The Warehouse that is meant by what the server calls `warehouse/NAME of PROJECT`; null for anything else. */
export function warehouseOf(what: string): { readonly warehouse: string; readonly project: string } | null {
  const [, warehouse, project] = /^warehouse\/(\S+) of (\S+)$/.exec(what) ?? [];
  return warehouse === undefined || project === undefined ? null : { warehouse, project };
}
