/** What the palette offers: hits of the server (docs/reference/asking.md), and what can be done on the screen in front. */
import type { Answer } from "@/shared/api/documents.ts";
import type { Shortcut } from "@/shared/keyboard/shortcuts.ts";
import { whereWords, type SavedView, type ViewPlace } from "@/shared/views/read.ts";

interface WireHit {
  readonly kind: string;
  readonly project?: string;
  readonly name?: string;
  readonly alias?: string;
  readonly version?: string;
  readonly term?: string;
}

export interface WireSearch extends Answer {
  readonly hits?: readonly WireHit[];
  readonly more?: boolean;
}

export interface Choice {
  /** Its own among those that are shown. */
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly detail: string;
  readonly keys: string;
  readonly goal: Goal;
}

export type Goal =
  | { readonly kind: "project"; readonly project: string }
  | { readonly kind: "stage"; readonly project: string; readonly stage: string }
  | { readonly kind: "freight"; readonly project: string; readonly freight: string }
  | { readonly kind: "actor"; readonly project: string; readonly actor: string }
  | { readonly kind: "view"; readonly place: ViewPlace }
  | { readonly kind: "action"; readonly run: () => void };

export function readHits(document: WireSearch): readonly Choice[] {
  return (document.hits ?? []).flatMap((hit, place) => {
    const goal = goalOf(hit);
    if (goal === null) return [];
    const { title, detail } = wordsOf(hit);
    return [{ id: `hit-${place}`, kind: hit.kind, title, detail, keys: "", goal }];
  });
}

/** Where a hit leads; null for a kind that this build does not know. */
function goalOf({ kind, project = "", name = "", alias = "" }: WireHit): Goal | null {
  switch (kind) {
    case "project":
      return { kind, project: name || project };
    case "stage":
      return { kind, project, stage: name };
    case "freight":
      return { kind, project, freight: alias || name };
    case "actor":
      return { kind, project, actor: name };
    default:
      return null;
  }
}

function wordsOf({ kind, project = "", name = "", alias = "", version = "", term = "" }: WireHit): { title: string; detail: string } {
  const title = kind === "freight" ? version || alias || name.slice(0, 7) : name || project;
  const more = [kind === "freight" && version !== "" ? alias || name.slice(0, 7) : "", term === title ? "" : term, kind === "project" ? "" : project];
  return { title, detail: more.filter((each) => each !== "").join(" · ") };
}

/** Whether words begin as those that were typed do, in any order. */
function begins(text: string, typed: string): boolean {
  const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const there = text.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return wanted.every((each) => there.some((word) => word.startsWith(each)));
}

/** Views that were saved, by the words of their names and of where they lead. */
export function readViewChoices(views: readonly SavedView[], typed: string): readonly Choice[] {
  return views
    .filter((each) => begins(`view ${each.name} ${whereWords(each)}`, typed))
    .map(({ name, ...place }, at) => ({ id: `view-${at}`, kind: "view", title: name, detail: whereWords(place), keys: "", goal: { kind: "view", place } }));
}

/** Actions, by their words. */
export function readActions(shortcuts: readonly Shortcut[], typed: string): readonly Choice[] {
  return shortcuts
    .filter(({ label, group, keys }) => keys !== "Mod+k" && begins(`${group} ${label}`, typed))
    .map(({ keys, label, group, run }, place) => ({ id: `action-${place}`, kind: "action", title: label, detail: group, keys, goal: { kind: "action", run } }));
}

const MOST_RECENT = 6;

/** What was chosen, the newest first, each once. Actions are not kept: what they do depends on the screen. */
export function remembered(before: readonly Choice[], chosen: Choice): readonly Choice[] {
  if (chosen.goal.kind === "action") return before;
  const same = JSON.stringify(chosen.goal);
  return [chosen, ...before.filter((each) => JSON.stringify(each.goal) !== same)].slice(0, MOST_RECENT).map((each, place) => ({ ...each, id: `recent-${place}` }));
}
