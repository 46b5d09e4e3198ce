import { useQuery } from "@tanstack/react-query";
import { useServices } from "@/shared/services.ts";

/** A Promotion's object as the server keeps it, as far as its page looks into it. */
export interface PromotionObject {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly steps?: readonly { readonly as?: string; readonly config?: unknown }[] };
  readonly status?: {
    readonly state?: Readonly<Record<string, unknown>>;
    readonly stepExecutionMetadata?: readonly { readonly alias?: string; readonly message?: string; readonly errorCount?: number; readonly startedAt?: string; readonly finishedAt?: string }[];
  };
}

/** Asked for when somebody opens what needs it, and again when the Promotion has moved on. */
export function usePromotionObject(project: string, name: string, rev: number, isWanted = true) {
  const { api } = useServices();
  return useQuery({
    queryKey: ["promotion-object", project, name, rev],
    queryFn: ({ signal }) => api.get<PromotionObject>(`v1beta1/projects/${encodeURIComponent(project)}/promotions/${encodeURIComponent(name)}`, signal),
    enabled: isWanted,
    placeholderData: (before, query) => (query?.queryKey[2] === name ? before : undefined),
  });
}
