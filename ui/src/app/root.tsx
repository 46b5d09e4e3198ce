import { Outlet, createRootRoute } from "@tanstack/react-router";
import { readMoveSearch } from "@/shared/moves/address.ts";
import { readLineSearch } from "@/shared/moves/line.ts";
import { Guarded } from "@/shared/parts/Guarded.tsx";
import { Empty, Problem } from "@/shared/parts/Panel.tsx";
import { LineSlot } from "./LineSlot.tsx";
import { MoveSlot } from "./MoveSlot.tsx";
import { Shell } from "./shell/Shell.tsx";
import styles from "./frame.module.css";

/** What is around every page. */
export const root = createRootRoute({
  validateSearch: (search: Record<string, unknown>) => ({ ...readMoveSearch(search), ...readLineSearch(search) }),
  component: () => (
    <Shell>
      <Guarded instead={(error) => <Problem what="This page" error={error} retry={() => location.reload()} />}>
        <div className={styles.frame}>
          <div className={styles.page}>
            <Outlet />
          </div>
          <MoveSlot />
          <LineSlot />
        </div>
      </Guarded>
    </Shell>
  ),
  notFoundComponent: () => (
    <Empty title="There is no such page">
      <p>The address may be cut short, or of a newer Towpath than this one.</p>
    </Empty>
  ),
});
