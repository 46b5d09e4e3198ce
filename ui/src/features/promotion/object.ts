import { useQuery } from "@tanstack/react-query";
import { path } from "@/shared/api/paths.ts";
import { useServices } from "@/shared/services.ts";

/** A Promotion's object as the server keeps it: asked for when somebody wants it, and again when the Promotion has moved on. */
export function usePromotionObject(project: string, name: string, rev: number, isWanted: boolean) {
  const { api } = useServices();
  return useQuery({
    queryKey: ["promotion-object", project, name, rev],
    queryFn: ({ signal }) => api.get<unknown>(path`v1beta1/projects/${project}/promotions/${name}`, signal),
    enabled: isWanted,
    placeholderData: (before, query) => (query?.queryKey[2] === name ? before : undefined),
  });
}
