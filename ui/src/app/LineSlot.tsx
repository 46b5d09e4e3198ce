import { Suspense, lazy } from "react";
import { useSearch } from "@tanstack/react-router";
import type { LineSearch } from "@/shared/moves/line.ts";
import { Guarded } from "@/shared/parts/Guarded.tsx";
import { Loading, Problem } from "@/shared/parts/Panel.tsx";

const LineSheet = lazy(() => import("@/features/line/LineSheet.tsx").then((found) => ({ default: found.LineSheet })));

/** The sheet that stops a line, beside whatever page is there, where the address says so. */
export function LineSlot() {
  const { line }: LineSearch = useSearch({ strict: false });
  if (line === undefined) return null;
  return (
    <Guarded of={line} instead={(error) => <Problem what="This sheet" error={error} retry={() => location.reload()} />}>
      <Suspense fallback={<Loading what="the sheet" />}>
        <LineSheet project={line} />
      </Suspense>
    </Guarded>
  );
}
