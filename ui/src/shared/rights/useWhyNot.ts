/** Whether somebody may do something, asked of the server before they try: what they may not do says which right is missing. */
import { useQuery } from "@tanstack/react-query";
import { useServices, useSession } from "../services.ts";

export interface Wanted {
  readonly verb: string;
  /** The API group, empty for Kubernetes' own. */
  readonly group: string;
  /** The plural, such as `stages`. */
  readonly resource: string;
  /** The Project; empty for what is of none. */
  readonly namespace: string;
  readonly name?: string;
}

/** Why not, in words; empty where they may, or nobody has answered yet: then the server decides. */
export function useWhyNot(wanted: Wanted): string {
  const { api } = useServices();
  const session = useSession();
  const { verb, group, resource, namespace, name = "" } = wanted;
  const { data } = useQuery({
    queryKey: ["may", verb, group, resource, namespace, name],
    queryFn: async () => {
      const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: { resourceAttributes: { verb, group, resource, namespace, name } } };
      const answer = (await api.send("POST", "apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)) as { readonly status?: { readonly allowed?: boolean } } | null;
      return answer?.status?.allowed ?? true;
    },
    enabled: session.kind === "in",
    staleTime: 30_000,
    retry: false,
  });
  return data === false ? `You need the right to ${verb} ${resource}${namespace === "" ? "" : ` in ${namespace}`}: whoever administers ${namespace === "" ? "the system" : "the Project"} can give it.` : "";
}
