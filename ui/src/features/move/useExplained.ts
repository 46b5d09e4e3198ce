import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { useServices } from "@/shared/services.ts";
import { readExplanations, type Explanation } from "@/shared/why/read.ts";

export interface Explained {
  readonly explanation: Explanation | null;
  readonly error: unknown;
  readonly retry: () => void;
}

/** Which gates stand between a Freight and a Stage, asked again when the board has moved on. */
export function useExplained(project: string, stage: string, freight: string, rev: number): Explained {
  const { api } = useServices();
  const { data, error, refetch } = useQuery({
    queryKey: ["explain", project, stage, freight, rev],
    queryFn: ({ signal }) =>
      api.read("/towpath/v1/projects/{project}/stages/{name}/explain", { params: { path: { project, name: stage }, query: { freight } }, signal }),
    enabled: stage !== "" && freight !== "",
    placeholderData: (before, query) => (query?.queryKey[2] === stage && query.queryKey[3] === freight ? before : undefined),
  });
  const explanation = useMemo(() => (data === undefined ? null : (readExplanations(data)[0] ?? null)), [data]);
  return { explanation, error, retry: () => void refetch() };
}
