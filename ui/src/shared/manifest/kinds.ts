/** The kinds that can be edited here, and where the server has their objects. */
import { path } from "../api/paths.ts";

export interface EditedKind {
  readonly kind: string;
  readonly apiVersion: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
  /** As people say it: one, and several. */
  readonly said: string;
  readonly many: string;
}

const KARGO = "kargo.akuity.io/v1alpha1";
const OURS = "towpath.dev/v1alpha1";
const of = (kind: string, plural: string, said: string, many: string, apiVersion = KARGO, isNamespaced = true): EditedKind => ({ kind, apiVersion, plural, isNamespaced, said, many });

const ALL: readonly EditedKind[] = [
  of("Project", "projects", "Project", "Projects", KARGO, false),
  of("ProjectConfig", "projectconfigs", "configuration of the Project", "configurations of Projects"),
  of("ClusterConfig", "clusterconfigs", "configuration of the system", "configurations of the system", KARGO, false),
  of("Warehouse", "warehouses", "Warehouse", "Warehouses"),
  of("Stage", "stages", "Stage", "Stages"),
  of("PromotionTask", "promotiontasks", "Promotion task", "Promotion tasks"),
  of("AnalysisTemplate", "analysistemplates", "analysis template", "Analysis templates", "argoproj.io/v1alpha1"),
  of("MessageChannel", "messagechannels", "message channel", "Message channels", "ee.kargo.akuity.io/v1alpha1"),
  of("EventRouter", "eventrouters", "event router", "Event routers", "ee.kargo.akuity.io/v1alpha1"),
  of("StageHook", "stagehooks", "hook of Stages", "Hooks of Stages", OURS),
  of("ConfigMap", "configmaps", "config map", "Config maps", "v1"),
];

export const kindOf = (name: string): EditedKind | undefined => ALL.find((each) => each.kind.toLowerCase() === name.toLowerCase());

/** The API group, empty for Kubernetes' own. */
export const groupOf = (kind: EditedKind): string => (kind.apiVersion.includes("/") ? (kind.apiVersion.split("/")[0] ?? "") : "");

/** Where all objects of a kind are, in a Project where the kind is of Projects. */
export function collectionPath(kind: EditedKind, namespace: string): string {
  const base = kind.apiVersion.includes("/") ? `apis/${kind.apiVersion}` : `api/${kind.apiVersion}`;
  return kind.isNamespaced ? `${base}/namespaces/${path`${namespace}`}/${kind.plural}` : `${base}/${kind.plural}`;
}

export const objectPath = (kind: EditedKind, namespace: string, name: string): string => `${collectionPath(kind, namespace)}/${path`${name}`}`;
