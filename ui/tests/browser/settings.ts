/** What tests of the settings have in common: a Project on a real server, and tokens of its roles. */
import type { RealServer } from "./real.ts";

export const KARGO = "kargo.akuity.io/v1alpha1";
export const CONFIG = "/apis/kargo.akuity.io/v1alpha1/namespaces/shop/projectconfigs/shop";

const stage = (name: string, sources: object) => ({
  apiVersion: KARGO,
  kind: "Stage",
  metadata: { name, namespace: "shop" },
  spec: { requestedFreight: [{ origin: { kind: "Warehouse", name: "web" }, sources }], promotionTemplate: { spec: { steps: [{ uses: "compose-output", config: { done: true } }] } } },
});

/** A Project with something of everything that settings show. */
export async function seed(server: RealServer): Promise<void> {
  await server.apply(
    { apiVersion: KARGO, kind: "Project", metadata: { name: "shop", labels: { team: "storefront" }, annotations: { "kargo.akuity.io/description": "What customers see" } } },
    { apiVersion: KARGO, kind: "Warehouse", metadata: { name: "web", namespace: "shop" }, spec: { interval: "24h", freightCreationPolicy: "Manual", subscriptions: [{ image: { repoURL: "registry.invalid/shop/web" } }] } },
    stage("test", { direct: true }),
    stage("prod", { stages: ["test"] }),
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "urls", namespace: "shop" }, data: { base: "https://shop.example.com" } },
  );
  await config(server, ["test"]);
}

/** Have the configuration promote to these Stages, whatever it said before. */
export async function config(server: RealServer, stages: readonly string[]): Promise<void> {
  const document = { apiVersion: KARGO, kind: "ProjectConfig", metadata: { name: "shop", namespace: "shop" }, spec: { promotionPolicies: stages.map((name) => ({ stageSelector: { name }, autoPromotionEnabled: true })) } };
  await server.ask("PUT", "/v1beta1/resources?upsert=true", JSON.stringify(document));
}

/** The Stages of the policies that the server has. */
export async function policies(server: RealServer): Promise<readonly string[]> {
  const found = await server.ask<{ spec: { promotionPolicies?: { stageSelector?: { name?: string } }[] } }>("GET", CONFIG);
  return (found.spec.promotionPolicies ?? []).map((each) => each.stageSelector?.name ?? "");
}

/** A token of one of the Project's roles. */
export async function tokenOf(server: RealServer, role: string, name: string): Promise<string> {
  const found = await server.ask<{ data: { token: string } }>("POST", `/v1beta1/projects/shop/roles/${role}/api-tokens`, JSON.stringify({ name }));
  return Buffer.from(found.data.token, "base64").toString();
}
