/**
 * What a state means to whoever looks: one of six roles, each with a glyph, a colour and words.
 *
 * This is the one place where phases of objects become roles. A phase that is not here cannot be shown: the test of this file
 * reads the lists of phases from the reference pages and from the server's own types.
 */

export const ROLES = ["ok", "run", "wait", "fail", "held", "none"] as const;
export type Role = (typeof ROLES)[number];

/** How bad a role is, the worst first: what a group of Stages shows of its members. */
export const WORST_FIRST: readonly Role[] = ["fail", "held", "wait", "run", "none", "ok"];

export interface Meaning {
  readonly role: Role;
  readonly word: string;
}

/** `status.phase` of a Promotion. */
export const PROMOTION_PHASES = ["Pending", "Running", "Succeeded", "Failed", "Errored", "Aborted"] as const;
/** `phase` of a verification. */
export const VERIFICATION_PHASES = ["Pending", "Running", "Successful", "Failed", "Error", "Aborted", "Inconclusive"] as const;
/** `status` of a health check. */
export const HEALTH_STATES = ["Healthy", "Progressing", "Unhealthy", "Unknown", "NotApplicable"] as const;
/** `status` of one step. */
export const STEP_STATES = ["Pending", "Running", "Succeeded", "Failed", "Errored", "Aborted", "Skipped"] as const;
/** `phase` of a Stage, as the board has it. */
export const STAGE_PHASES = [
  "Empty",
  "Steady",
  "Promoting",
  "Waiting",
  "Verifying",
  "Unverified",
  "Failed",
  "VerificationFailed",
  "Unhealthy",
  "Progressing",
  "Deleting",
  "Unreadable",
] as const;
/** What a Freight means to a Stage: the lens. */
export const LENS_STATES = ["here", "was", "can", "waits", "queued", "failed", "no"] as const;

export type PromotionPhase = (typeof PROMOTION_PHASES)[number];
export type VerificationPhase = (typeof VERIFICATION_PHASES)[number];
export type HealthState = (typeof HEALTH_STATES)[number];
export type StepState = (typeof STEP_STATES)[number];
export type StagePhase = (typeof STAGE_PHASES)[number];
export type LensState = (typeof LENS_STATES)[number];

const of = (role: Role, word: string): Meaning => ({ role, word });

export const PROMOTION: Readonly<Record<PromotionPhase, Meaning>> = {
  Pending: of("wait", "Waits"),
  Running: of("run", "Promoting"),
  Succeeded: of("ok", "Succeeded"),
  Failed: of("fail", "Failed"),
  Errored: of("fail", "Could not be done"),
  Aborted: of("none", "Aborted"),
};

export const VERIFICATION: Readonly<Record<VerificationPhase, Meaning>> = {
  Pending: of("wait", "Verification waits"),
  Running: of("run", "Verifying"),
  Successful: of("ok", "Verified"),
  Failed: of("fail", "Verification failed"),
  Error: of("fail", "Could not be verified"),
  Aborted: of("none", "Verification aborted"),
  Inconclusive: of("none", "Inconclusive"),
};

export const HEALTH: Readonly<Record<HealthState, Meaning>> = {
  Healthy: of("ok", "Healthy"),
  Progressing: of("run", "Progressing"),
  Unhealthy: of("fail", "Unhealthy"),
  Unknown: of("none", "Health unknown"),
  NotApplicable: of("none", "No health check"),
};

export const STEP: Readonly<Record<StepState, Meaning>> = {
  Pending: of("wait", "Not yet"),
  Running: of("run", "Running"),
  Succeeded: of("ok", "Succeeded"),
  Failed: of("fail", "Failed"),
  Errored: of("fail", "Could not be done"),
  Aborted: of("none", "Aborted"),
  Skipped: of("none", "Skipped"),
};

export const STAGE: Readonly<Record<StagePhase, Meaning>> = {
  Empty: of("none", "Empty"),
  Steady: of("ok", "Steady"),
  Promoting: of("run", "Promoting"),
  Waiting: of("wait", "Waits"),
  Verifying: of("run", "Verifying"),
  Unverified: of("wait", "Not yet verified"),
  Failed: of("fail", "Failed"),
  VerificationFailed: of("fail", "Verification failed"),
  Unhealthy: of("fail", "Unhealthy"),
  Progressing: of("run", "Progressing"),
  Deleting: of("none", "Being deleted"),
  Unreadable: of("fail", "Cannot be read"),
};

export const LENS: Readonly<Record<LensState, Meaning>> = {
  here: of("ok", "here"),
  was: of("none", "was here"),
  can: of("run", "can go now"),
  waits: of("wait", "waits"),
  queued: of("wait", "queued"),
  failed: of("fail", "failed here"),
  no: of("none", "not for it"),
};

const UNKNOWN: Meaning = of("none", "Unknown");

/** The meaning of a phase as the server wrote it: a newer server may know phases that this build does not. */
export function meaning<Phase extends string>(table: Readonly<Record<Phase, Meaning>>, phase: string | undefined): Meaning {
  if (phase === undefined || phase === "") return UNKNOWN;
  return Object.hasOwn(table, phase) ? table[phase as Phase] : { role: "none", word: phase };
}

/** The worst of several roles; "none" of none. */
export function worst(roles: readonly Role[]): Role {
  return WORST_FIRST.find((role) => roles.includes(role)) ?? "none";
}
