import { useCallback } from "react";
import { useNavigate } from "@tanstack/react-router";
import type { BoardSearch } from "./search.ts";

export type BoardChange = { readonly [Key in keyof BoardSearch]?: BoardSearch[Key] | undefined };

/** Changes what of the board is in the address; what is empty leaves it. */
export function useAddress(project: string): (next: BoardChange) => void {
  const navigate = useNavigate();
  return useCallback(
    (next: BoardChange) => {
      const merged = (was: object) => Object.fromEntries(Object.entries({ ...was, ...next }).filter(([, value]) => value !== undefined && value !== ""));
      void navigate({ to: "/p/$project", params: { project }, search: merged, replace: true });
    },
    [navigate, project],
  );
}
