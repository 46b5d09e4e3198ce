import { Suspense, lazy } from "react";
import { useParams, useSearch } from "@tanstack/react-router";
import { Guarded } from "@/shared/parts/Guarded.tsx";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";
import type { MoveSearch } from "@/shared/moves/address.ts";

const MoveSheet = lazy(() => import("@/features/move/MoveSheet.tsx").then((found) => ({ default: found.MoveSheet })));

/** The sheet of a move, beside whatever page of a Project is there, where the address says so. */
export function MoveSlot() {
  const { project }: { project?: string } = useParams({ strict: false });
  const search: MoveSearch & { readonly at?: string } = useSearch({ strict: false });
  // Nothing is done to what was.
  if (project === undefined || search.move === undefined || search.at !== undefined) return null;
  return (
    <Guarded of={`${project} ${search.move}`} instead={(error) => <Problem what="This sheet" error={error} retry={() => location.reload()} />}>
      <Suspense fallback={<Loading what="the sheet" />}>
        <MoveSheet key={project} project={project} kind={search.move} search={search} />
      </Suspense>
    </Guarded>
  );
}
