/** What a Promotion did beside what its plan said that it would. */
import type { StepInfo } from "@/shared/promotions/read.ts";

export interface PlannedStep {
  readonly step: string;
  readonly result?: string;
  readonly output?: unknown;
}

export interface PlanDocument {
  readonly id: string;
  readonly variants: readonly { readonly steps: readonly PlannedStep[] }[];
}

export interface Comparison {
  /** How many values were planned, and came out so. */
  readonly equal: number;
  readonly differences: readonly { readonly step: string; readonly what: string; readonly planned: string; readonly actual: string }[];
}

const UNKNOWN = "(known after ";

/** Compare with the way that it went: of several that were planned, the one that differs least. */
export function compared(plan: PlanDocument, steps: readonly StepInfo[], outputs: Readonly<Record<string, unknown>>): Comparison {
  const all = plan.variants.map((variant) => one(variant.steps, steps, outputs));
  return all.sort((a, b) => a.differences.length - b.differences.length || b.equal - a.equal)[0] ?? { equal: 0, differences: [] };
}

function one(planned: readonly PlannedStep[], steps: readonly StepInfo[], outputs: Readonly<Record<string, unknown>>): Comparison {
  const differences: Comparison["differences"][number][] = [];
  let equal = 0;
  const compare = (step: string, what: string, was: unknown, is: unknown) => {
    if (text(was).includes(UNKNOWN)) return;
    if (text(was) === text(is)) equal += 1;
    else differences.push({ step, what, planned: text(was), actual: text(is) });
  };
  for (const each of planned) {
    const step = steps.find((found) => found.alias === each.step);
    if (step === undefined) {
      differences.push({ step: each.step, what: "step", planned: "there", actual: "missing" });
      continue;
    }
    if ((each.result ?? "") !== "") compare(each.step, "result", each.result, step.status);
    const actual = outputs[each.step];
    for (const [name, value] of fields(each.output)) compare(each.step, name, value, fields(actual).find(([other]) => other === name)?.[1]);
  }
  return { equal, differences };
}

function fields(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : value === undefined ? "nothing" : JSON.stringify(value);
}
