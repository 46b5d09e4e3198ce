/**
 * The documents that screens are drawn from, as docs/reference/board.md tells of them. Fields that have their default are left
 * out on the wire; the readers in `board.ts` and `overview.ts` put them in.
 */

export interface Answer {
  readonly rev: number;
  readonly at: string;
}

export type Artifact = readonly [kind: string, label: string, version: string, digest?: string];

export interface WireFreight {
  readonly name: string;
  readonly alias?: string;
  readonly warehouse?: string;
  readonly time?: number;
  readonly artifacts?: readonly Artifact[];
  readonly gone?: boolean;
}

export interface WireStage {
  readonly name: string;
  readonly row?: number;
  readonly col?: number;
  readonly ord?: number;
  readonly up?: readonly string[];
  readonly from?: readonly string[];
  readonly flow?: boolean;
  readonly freight?: readonly string[];
  readonly phase?: string;
  readonly role?: string;
  readonly health?: string;
  readonly since?: number;
  readonly actor?: string;
  readonly behind?: number;
  readonly next?: string;
  readonly blocker?: readonly [gate: string, opensAt?: number];
  readonly queued?: number;
  readonly hold?: readonly [actor?: string, since?: number, reason?: string];
  readonly auto?: boolean;
  readonly drift?: string;
  readonly verify?: string;
  readonly promotion?: string;
  readonly step?: readonly [number: number, of: number, alias?: string, since?: number];
  readonly msg?: string;
  readonly may?: readonly string[];
  readonly gone?: boolean;
}

export interface WireLane {
  readonly name: string;
  readonly next?: number;
  readonly error?: string;
}

export interface WireBoard extends Answer {
  readonly project: string;
  readonly rows?: readonly { readonly title: string }[];
  readonly cols?: readonly { readonly title: string; readonly env?: string }[];
  readonly lanes?: readonly WireLane[];
  readonly freight?: readonly WireFreight[];
  readonly stages?: readonly WireStage[];
  readonly may?: readonly string[];
  readonly more?: number;
  readonly past?: boolean;
  readonly now?: readonly string[];
}

export type LensEntry = readonly [state: string, gate?: string | number, opensAt?: number | "", arrives?: readonly [number, number] | 0];

export interface WireLens extends Answer {
  readonly freight: string;
  readonly stages: Readonly<Record<string, LensEntry>>;
}

export interface WireCell {
  readonly n?: number;
  readonly role?: string;
  readonly roles?: Readonly<Record<string, number>>;
  readonly ver?: readonly string[];
  readonly vers?: number;
  readonly since?: number;
  readonly behind?: number;
  readonly stage?: string;
}

export type Trouble = readonly [stage: string, role: string, phase?: string, msg?: string, since?: number];
export type Move = readonly [
  project: string,
  stage: string,
  freight: string,
  version: string,
  phase: string,
  actor: string,
  created: number,
  finished: number,
  promotion: string,
];

export interface WireProject {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly cells?: Readonly<Record<string, WireCell>>;
  readonly trouble?: readonly Trouble[];
  readonly counts?: Readonly<Record<string, number>>;
}

export interface WireOverview extends Answer {
  readonly envs?: readonly string[];
  readonly projects?: readonly WireProject[];
  readonly moves?: readonly Move[];
  readonly cursor?: string;
}

/** One gate of `explain`: whether it is open, why not, and what opens it. */
export interface WireGate {
  readonly name: string;
  readonly open: boolean;
  readonly reason?: string;
  readonly opensAt?: string | null;
  readonly opensBy?: readonly string[];
  readonly remedy?: { readonly verb: string; readonly url?: string } | null;
  readonly evidence?: string | null;
}
