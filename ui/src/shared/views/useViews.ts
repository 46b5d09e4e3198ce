import { useCallback, useMemo } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { WireViews } from "../api/documents.ts";
import { path } from "../api/paths.ts";
import { useServices } from "../services.ts";
import { readViews, type SavedView, type ViewPlace } from "./read.ts";

const VIEWS = "towpath/v1/me/views";
const KEY = ["views"];

/** One's own views, and what changes them: `save` and `remove` raise as `Api.send` does. They are asked for once they are wanted. */
export function useViews(isWanted: boolean) {
  const { api } = useServices();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({ queryKey: KEY, queryFn: ({ signal }) => api.get<WireViews>(VIEWS, signal), enabled: isWanted });
  const views = useMemo(() => (data === undefined ? null : readViews(data)), [data]);
  const save = async ({ name, screen, project, search }: SavedView) => {
    await api.send("PUT", `${VIEWS}/${path`${name}`}`, { screen, project, search });
    await queries.invalidateQueries({ queryKey: KEY });
  };
  const remove = async (name: string) => {
    await api.send("DELETE", `${VIEWS}/${path`${name}`}`);
    await queries.invalidateQueries({ queryKey: KEY });
  };
  return { views, error, retry: () => void refetch(), save, remove };
}

/** Go where a view was saved, and show what was shown. What its address says is read by the screen, as any address is. */
export function useOpenView(): (place: ViewPlace) => void {
  const navigate = useNavigate();
  return useCallback(
    ({ screen, project, search }) => {
      const kept: object = search;
      if (screen === "board") void navigate({ to: "/p/$project", params: { project }, search: kept });
      else void navigate({ to: screen === "overview" ? "/" : "/history", search: kept });
    },
    [navigate],
  );
}
