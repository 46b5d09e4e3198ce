/** Roles as pages show them, and what is sent to change them. */
import type { WireRole, WireRule } from "@/shared/api/documents.ts";

export interface Rule {
  readonly resource: string;
  /** Only that one; empty: all. */
  readonly name: string;
  readonly verbs: readonly string[];
}

export interface Role {
  readonly name: string;
  readonly description: string;
  readonly claims: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly rules: readonly Rule[];
  /** Whether it can be changed here. */
  readonly isManaged: boolean;
}

export function readRole(wire: WireRole): Role {
  const metadata = wire.metadata as { readonly name?: string; readonly annotations?: Readonly<Record<string, string>> };
  return {
    name: metadata.name ?? "",
    description: metadata.annotations?.["kargo.akuity.io/description"] ?? "",
    claims: wire.claims ?? [],
    rules: (wire.rules ?? []).flatMap(rulesOf),
    isManaged: wire.kargoManaged ?? false,
  };
}

/** One line for each resource and name, as they are given and taken. */
function rulesOf({ verbs, resources = [], resourceNames = [], nonResourceURLs = [] }: WireRule): readonly Rule[] {
  const names = resourceNames.length === 0 ? [""] : resourceNames;
  const of = resources.length === 0 ? nonResourceURLs : resources;
  return of.flatMap((resource) => names.map((name) => ({ resource, name, verbs })));
}

/** Who has it, in a few words. */
export function whoHas(role: Role): string {
  const count = role.claims.reduce((total, each) => total + each.values.length, 0);
  if (count === 0) return "nobody";
  const first = role.claims.flatMap((each) => each.values.map((value) => `${each.name}: ${value}`)).slice(0, 2);
  return count > 2 ? `${first.join(", ")} and ${count - 2} more` : first.join(", ");
}

/** What can be given: the resources that people ask for, and what is done to each. */
export const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  stages: ["get", "list", "watch", "promote", "create", "update", "patch", "delete"],
  freights: ["get", "list", "watch", "create", "patch", "delete"],
  "freights/status": ["patch"],
  promotions: ["get", "list", "watch", "create", "patch", "delete"],
  warehouses: ["get", "list", "watch", "create", "update", "patch", "delete"],
  projectconfigs: ["get", "list", "watch", "create", "update", "patch", "delete"],
  promotiontasks: ["get", "list", "watch", "create", "update", "patch", "delete"],
  analysistemplates: ["get", "list", "watch", "create", "update", "patch", "delete"],
  analysisruns: ["get", "list", "watch"],
  configmaps: ["get", "list", "watch", "create", "update", "patch", "delete"],
  secrets: ["get", "list", "watch", "create", "update", "patch", "delete"],
  events: ["get", "list", "watch"],
  serviceaccounts: ["get", "list", "watch", "create", "update", "patch", "delete"],
  roles: ["get", "list", "watch", "create", "update", "patch", "delete"],
  rolebindings: ["get", "list", "watch", "create", "update", "patch", "delete"],
};

export const grantOfClaim = (role: string, claim: string, value: string): object => ({ role, userClaims: { claims: [{ name: claim, values: [value] }] } });
export const grantOfRule = (role: string, rule: Rule): object => ({ role, resourceDetails: { resourceType: rule.resource, verbs: rule.verbs, ...(rule.name === "" ? {} : { resourceName: rule.name }) } });
