import { Outlet, createRootRoute, createRoute, createRouter, lazyRouteComponent, type AnyRoute } from "@tanstack/react-router";
import { BoardPage } from "@/features/board/BoardPage.tsx";
import { readBoardSearch } from "@/features/board/search.ts";
import { OverviewPage, type OverviewSearch } from "@/features/overview/OverviewPage.tsx";
import { LoginPage, type LoginSearch } from "@/features/signin/LoginPage.tsx";
import { Guarded } from "@/shared/parts/Guarded.tsx";
import { Empty, Problem } from "@/shared/parts/Panel.tsx";
import { Shell } from "./shell/Shell.tsx";

declare const __DEVELOPMENT__: boolean;

const root = createRootRoute({
  component: () => (
    <Shell>
      <Guarded instead={(error) => <Problem what="This page" error={error} retry={() => location.reload()} />}>
        <Outlet />
      </Guarded>
    </Shell>
  ),
  notFoundComponent: () => (
    <Empty title="There is no such page">
      <p>The address may be cut short, or of a newer Towpath than this one.</p>
    </Empty>
  ),
});

const text = (value: unknown): string | undefined => (typeof value === "string" || typeof value === "number" ? String(value) : undefined);

const overview = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: OverviewPage,
  validateSearch: (search: Record<string, unknown>): OverviewSearch => {
    const found = { q: text(search.q), state: text(search.state), changed: search.changed === "1h" ? "1h" : undefined };
    return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
  },
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: LoginPage,
  validateSearch: (search: Record<string, unknown>): LoginSearch => {
    const found = { code: text(search.code), state: text(search.state), error: text(search.error_description) ?? text(search.error) };
    return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
  },
});

const board = createRoute({
  getParentRoute: () => root,
  path: "/p/$project",
  component: BoardPage,
  validateSearch: readBoardSearch,
});

const development: AnyRoute[] = __DEVELOPMENT__
  ? [
      createRoute({
        getParentRoute: () => root,
        path: "/dev/components",
        component: lazyRouteComponent(() => import("@/features/components/ComponentsPage.tsx"), "ComponentsPage"),
      }),
    ]
  : [];

const tree = root.addChildren([overview, board, login, ...development]);

export function makeRouter() {
  const base = new URL(document.baseURI).pathname;
  return createRouter({ routeTree: tree, basepath: base, defaultPreload: false, scrollRestoration: false });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
