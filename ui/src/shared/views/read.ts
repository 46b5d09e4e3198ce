/** Views that somebody saved under a name: a screen, and what of it is shown, as its address says (docs/reference/asking.md). */
import type { WireViews } from "../api/documents.ts";

const SCREENS = ["overview", "board", "history"] as const;
export type ViewScreen = (typeof SCREENS)[number];

/** Where one is: what of an address a view keeps. */
export interface ViewPlace {
  readonly screen: ViewScreen;
  /** Whose board; empty on screens of no single Project. */
  readonly project: string;
  readonly search: Readonly<Record<string, string>>;
}

export interface SavedView extends ViewPlace {
  readonly name: string;
}

/** Those that this build can open, in the order of a reader: a newer server may know of more screens. */
export function readViews(document: WireViews): readonly SavedView[] {
  const order = new Intl.Collator("en", { numeric: true }).compare;
  return document.items
    .flatMap(({ name, screen, project, search }) => {
      const known = SCREENS.find((each) => each === screen);
      return known === undefined ? [] : [{ name, screen: known, project, search }];
    })
    .sort((a, b) => order(a.name, b.name));
}

/** What an address says, without what is for the moment. */
export function placeOf(screen: ViewScreen, project: string, search: object, passing: readonly string[] = []): ViewPlace {
  const kept = Object.entries(search).filter(([key, value]) => value !== undefined && value !== "" && !passing.includes(key));
  return { screen, project, search: Object.fromEntries(kept.map(([key, value]) => [key, String(value)])) };
}

export function isSame(one: ViewPlace, other: ViewPlace): boolean {
  const text = ({ screen, project, search }: ViewPlace) => JSON.stringify([screen, project, Object.entries(search).sort(([a], [b]) => (a < b ? -1 : 1))]);
  return text(one) === text(other);
}

export function whereWords({ screen, project }: ViewPlace): string {
  return screen === "board" ? `board of ${project}` : screen;
}

/** What a view is shown by beside its name: `shop, q prod, state fail`. */
export function shownWords(place: ViewPlace): string {
  return [whereWords(place), ...Object.entries(place.search).map(([key, value]) => `${key} ${value}`)].join(" · ");
}
