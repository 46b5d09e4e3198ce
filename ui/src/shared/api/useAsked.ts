import { useQuery } from "@tanstack/react-query";
import { useServices } from "../services.ts";

export interface Asked<Document> {
  readonly data: Document | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}

/**
 * A document that is asked for once, and again when `mark` moves: the part of a document of the stream that it depends on. What
 * was there before stays meanwhile, and beside an error.
 */
export function useAsked<Document>(path: string, mark: string | number = "", isWanted = true): Asked<Document> {
  const { api } = useServices();
  const { data, error, refetch } = useQuery({
    queryKey: ["asked", path, mark],
    queryFn: ({ signal }) => api.get<Document>(path, signal),
    enabled: isWanted,
    placeholderData: (before, query) => (query?.queryKey[1] === path ? before : undefined),
  });
  return { data, error, retry: () => void refetch() };
}
