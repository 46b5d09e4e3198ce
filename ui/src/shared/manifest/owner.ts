/** Who else writes an object: what comes from Git is put back by whoever brings it. */
export function gitOwner(object: unknown): string {
  const { annotations, labels } = metadataOf(object);
  const tracking = annotations["argocd.argoproj.io/tracking-id"];
  if (typeof tracking === "string") return `Argo CD brings this from Git, as Application ${tracking.split(":")[0]?.slice(0, 120) ?? ""}.`;
  const kustomization = labels["kustomize.toolkit.fluxcd.io/name"];
  if (typeof kustomization === "string") return `Flux brings this from Git, as Kustomization ${kustomization.slice(0, 120)}.`;
  return "";
}

function metadataOf(object: unknown): { readonly annotations: Readonly<Record<string, unknown>>; readonly labels: Readonly<Record<string, unknown>> } {
  const metadata = ((object ?? {}) as { readonly metadata?: { readonly annotations?: Record<string, unknown>; readonly labels?: Record<string, unknown> } }).metadata ?? {};
  return { annotations: metadata.annotations ?? {}, labels: metadata.labels ?? {} };
}
