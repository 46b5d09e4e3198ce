/**
 * The documents that screens are drawn from, by short names: their types are those that the server's description has (`schema.ts`, which is
 * generated). What a page of an older or newer server may lack is optional here, whatever the description says; the readers of each
 * feature put defaults in. Lists of mixed members, of which the description has no more than that they are lists, are spelt out.
 */
import type { components } from "./schema.ts";

type Schemas = components["schemas"];
/** `Named` is there always; what else a document has may be left out. */
type Wire<Document, Named extends keyof Document> = Pick<Document, Named> & Partial<Omit<Document, Named>>;

export type Answer = Pick<Schemas["Board"], "rev" | "at">;

export type Artifact = readonly [kind: string, label: string, version: string, digest?: string];

export type WireFreight = Wire<Omit<Schemas["BoardFreight"], "artifacts">, "name"> & { readonly artifacts?: readonly Artifact[]; readonly gone?: boolean };

export type WireStage = Wire<Omit<Schemas["BoardStage"], "blocker" | "hold" | "step">, "name"> & {
  readonly blocker?: readonly [gate: string, opensAt?: number];
  readonly hold?: readonly [actor?: string, since?: number, reason?: string, until?: number];
  readonly step?: readonly [number: number, of: number, alias?: string, since?: number];
};

export type WireLane = Wire<Schemas["BoardLane"], "name">;

export type WireBoard = Wire<Omit<Schemas["Board"], "freight" | "stages" | "lanes" | "cols">, "rev" | "at" | "project"> & {
  readonly cols?: readonly Wire<Schemas["BoardColumn"], "title">[];
  readonly lanes?: readonly WireLane[];
  readonly freight?: readonly WireFreight[];
  readonly stages?: readonly WireStage[];
};

export type LensEntry = readonly [state: string, gate?: string | number, opensAt?: number | "", arrives?: readonly [number, number] | 0];

export type WireLens = Answer & Pick<Schemas["Lens"], "freight"> & { readonly stages: Readonly<Record<string, LensEntry>> };

export type WireLine = Schemas["StageLine"];

export type WireCell = Partial<Schemas["OverviewCell"]>;

export type Trouble = readonly [stage: string, role: string, phase?: string, msg?: string, since?: number, promotion?: string];
export type Move = Schemas["Overview"]["moves"][number];

export type WireProject = Wire<Omit<Schemas["OverviewProject"], "cells" | "trouble">, "name"> & {
  readonly cells?: Readonly<Record<string, WireCell>>;
  readonly trouble?: readonly Trouble[];
};

export type WireOverview = Wire<Omit<Schemas["Overview"], "projects">, "rev" | "at"> & { readonly projects?: readonly WireProject[] };

export type WireGate = Wire<Omit<Schemas["ShownGate"], "remedy">, "name" | "open"> & { readonly remedy?: Wire<Schemas["ShownRemedy"], "verb"> | null };

type WireExplained = Partial<Omit<Schemas["ExplainedFreight"], "gates">> & { readonly gates?: readonly WireGate[] };

export type WireExplain = Pick<Schemas["ExplainedStage"], "stage"> & WireExplained & { readonly waitingFor?: string; readonly explanations?: readonly WireExplained[] };

export type WirePastMoves = Pick<Schemas["PastMoves"], "items">;
export type WireDensity = Pick<Schemas["MoveDensity"], "moves" | "failures">;
export type WireAttached = Schemas["FreightAttached"];
export type WireAttachedImage = WireAttached["images"][number];
export type WireAttachment = WireAttachedImage["attached"][number];

export type WireRole = Schemas["KargoRole"];
export type WireRule = Schemas["RoleRule"];
export type WireSecrets = Schemas["io.k8s.api.core.v1.SecretList"];
export type WireSecret = Schemas["io.k8s.api.core.v1.Secret"];
export type WireServing = Schemas["ServingCredentials"];
export type OwnTokens = Schemas["OwnTokens"];
export type WireViews = Schemas["Views"];
export type NewToken = Schemas["NewToken"];
export type WireReceivers = Schemas["ToldWebhookReceivers"];
export type WireReceiver = Schemas["ToldWebhookReceiver"];
export type WireReceipts = Schemas["WebhookReceipts"];
export type WireReceipt = Schemas["WebhookReceipt"];
export type WireVerdicts = Wire<Schemas["ExplainedWarehouse"], "subscriptions">;
export type Verdict = Schemas["ShownCandidate"];
export type WireVerdictsOf = WireVerdicts["subscriptions"][number];
export type WireTrial = Schemas["WebhookTrial"];
export type WireDiagnosis = Schemas["Diagnosis"];
export type FoundThing = Schemas["FoundThing"];
