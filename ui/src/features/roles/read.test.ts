import { expect, it } from "vitest";
import type { WireRole } from "@/shared/api/documents.ts";
import { grantOfClaim, grantOfRule, readRole, whoHas } from "./read.ts";

const rule = { verbs: ["get"], apiGroups: [], resources: ["stages", "freights"], resourceNames: ["prod"], nonResourceURLs: [] };
const role = { metadata: { name: "rm", annotations: { "kargo.akuity.io/description": "who moves" } }, claims: [{ name: "groups", values: ["a", "b"] }, { name: "email", values: ["c"] }], rules: [rule], kargoManaged: true, apiVersion: "", kind: "" } as unknown as WireRole;

it("a role is shown line by line, as it is given and taken", () => {
  const found = readRole(role);
  expect(found.rules).toEqual([{ resource: "stages", name: "prod", verbs: ["get"] }, { resource: "freights", name: "prod", verbs: ["get"] }]);
  expect([found.description, found.isManaged, whoHas(found)]).toEqual(["who moves", true, "groups: a, groups: b and 1 more"]);
  expect(whoHas({ ...found, claims: [] })).toBe("nobody");
});

it("a grant names people or a resource, and a name only where there is one", () => {
  expect(grantOfClaim("rm", "groups", "x")).toEqual({ role: "rm", userClaims: { claims: [{ name: "groups", values: ["x"] }] } });
  expect(grantOfRule("rm", { resource: "stages", name: "", verbs: ["get"] })).toEqual({ role: "rm", resourceDetails: { resourceType: "stages", verbs: ["get"] } });
  expect(grantOfRule("rm", { resource: "stages", name: "prod", verbs: ["promote"] })).toMatchObject({ resourceDetails: { resourceName: "prod" } });
});
