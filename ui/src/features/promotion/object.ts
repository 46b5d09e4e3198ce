import { useQuery } from "@tanstack/react-query";
import { useServices } from "@/shared/services.ts";

/** A Promotion's object as the server keeps it: asked for when somebody wants it, and again when the Promotion has moved on. */
export function usePromotionObject(project: string, name: string, rev: number, isWanted: boolean) {
  const { api } = useServices();
  return useQuery({
    queryKey: ["promotion-object", project, name, rev],
    queryFn: ({ signal }) => api.get<unknown>(`v1beta1/projects/${encodeURIComponent(project)}/promotions/${encodeURIComponent(name)}`, signal),
    enabled: isWanted,
    placeholderData: (before, query) => (query?.queryKey[2] === name ? before : undefined),
  });
}
