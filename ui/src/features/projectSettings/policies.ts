/** Promotion policies as a form sees them. */
import { at, textAt } from "@/shared/manifest/fields.ts";

/** Which Stages a policy is for, in its older form or the newer one. */
export const stageOf = (policy: unknown): string => textAt(policy, ["stageSelector", "name"]) || textAt(policy, ["stage"]);

/** The policy for other Stages: in the newer form, whatever else it says and selects by kept. */
export function withStage(policy: unknown, text: string): Readonly<Record<string, unknown>> {
  const before = typeof policy === "object" && policy !== null ? (policy as Record<string, unknown>) : {};
  const rest = Object.entries(before).filter(([key]) => key !== "stage" && key !== "stageSelector");
  const selector = at(before, ["stageSelector"]);
  return { stageSelector: { ...(typeof selector === "object" && selector !== null ? selector : {}), name: text }, ...Object.fromEntries(rest) };
}

/** A selector of Stages by another name, with the labels that it selects by kept; undefined where it says nothing any more. */
export function forStage(selector: unknown, text: string): Readonly<Record<string, unknown>> | undefined {
  const rest = Object.entries(typeof selector === "object" && selector !== null ? selector : {}).filter(([key]) => key !== "name");
  const found = { ...(text === "" ? {} : { name: text }), ...(Object.fromEntries(rest) as Record<string, unknown>) };
  return Object.keys(found).length === 0 ? undefined : found;
}
