/** What was measured, with its budget beside it, as a page of benchmarks/results. */
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { resolve } from "node:path";

const PAGE = resolve(import.meta.dirname, "../../../benchmarks/results/ui.md");

export interface Measure {
  readonly what: string;
  readonly found: number;
  /** The most that it may be; undefined: it is recorded, and nothing depends on it. */
  readonly budget?: number;
  readonly unit: string;
  /** `least`: the budget is the least that it may be. */
  readonly is?: "most" | "least";
  readonly note?: string;
}

interface Part {
  readonly title: string;
  readonly criterion: string;
  readonly measures: Measure[];
}

export class Results {
  readonly #parts: Part[] = [];
  /** How many programs wanted the machine before this one did: what it is measured beside. */
  readonly #load = loadavg()[0] ?? 0;

  part(title: string, criterion: string, ...measures: readonly Measure[]): void {
    const known = this.#parts.find((each) => each.title === title);
    if (known === undefined) this.#parts.push({ title, criterion, measures: [...measures] });
    else known.measures.push(...measures);
    for (const each of measures) console.info(`${isMet(each) ? "  " : "! "}${title}: ${each.what}: ${written(each.found, each.unit)}${each.budget === undefined ? "" : ` (budget ${written(each.budget, each.unit)})`}`);
  }

  /** Those over their budget. */
  get missed(): readonly string[] {
    return this.#parts.flatMap((part) => part.measures.filter((each) => !isMet(each)).map((each) => `${part.title}: ${each.what}: ${written(each.found, each.unit)}`));
  }

  write(browser: string): void {
    const head = [
      "# The web UI in a browser",
      "A person's browser and a whole server on the same cores: Chromium without a window and without a graphics card, `towpath demo --world W500` (one Project, 500 Stages in 50 lines, 60 Freight) and `--world Wall` (200 Projects). Medians of five where nothing else is said.",
      "Repeat with `make ui-bench`; it fails where a budget is missed.",
      `Taken on ${cpus().length} cores (${process.arch}, ${process.platform}), ${browser}; a load of ${this.#load.toFixed(1)} from other programs when it began. Absolute numbers differ between machines, and with what else these do; the floor of scrolling is measured beside it.`,
    ];
    const parts = this.#parts.map(({ title, criterion, measures }) =>
      [`## ${title}`, "", criterion, "", "| what | measured | budget | |", "| --- | --- | --- | --- |", ...measures.map(row)].join("\n"),
    );
    writeFileSync(PAGE, `${[...head, ...parts].join("\n\n")}\n`);
  }
}

function row(each: Measure): string {
  const budget = each.budget === undefined ? "–" : `${each.is === "least" ? "≥" : "≤"} ${written(each.budget, each.unit)}`;
  return `| ${each.what}${each.note === undefined ? "" : `, ${each.note}`} | ${written(each.found, each.unit)} | ${budget} | ${each.budget === undefined ? "" : isMet(each) ? "met" : "**missed**"} |`;
}

function isMet({ found, budget, is = "most" }: Measure): boolean {
  if (Number.isNaN(found)) return false;
  return budget === undefined || (is === "most" ? found <= budget : found >= budget);
}

function written(found: number, unit: string): string {
  const digits = Number.isInteger(found) || Math.abs(found) >= 100 ? 0 : 1;
  return `${found.toLocaleString("en-GB", { maximumFractionDigits: digits })} ${unit}`.trim();
}

/** The value that a share of all is at most: 0.5 is the median. */
export function percentile(taken: readonly number[], share: number): number {
  const sorted = [...taken].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? Number.NaN;
}

export const median = (taken: readonly number[]): number => percentile(taken, 0.5);
