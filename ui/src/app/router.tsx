import { createRoute, createRouter, lazyRouteComponent, redirect, type AnyRoute } from "@tanstack/react-router";
import { BoardPage } from "@/features/board/BoardPage.tsx";
import { readBoardSearch } from "@/features/board/search.ts";
import type { CompareSearch } from "@/features/compare/ComparePage.tsx";
import { readHistorySearch } from "@/features/history/read.ts";
import { OverviewPage, type OverviewSearch } from "@/features/overview/OverviewPage.tsx";
import { LoginPage, type LoginSearch } from "@/features/signin/LoginPage.tsx";
import { readPromotionSearch } from "@/features/promotion/search.ts";
import { root } from "./root.tsx";
import { settingsRoutes } from "./settings/routes.tsx";

declare const __DEVELOPMENT__: boolean;

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

/** Pages about one thing, seldom the first that is opened: each is loaded when it is. */
const inbox = createRoute({
  getParentRoute: () => root,
  path: "/inbox",
  component: lazyRouteComponent(() => import("@/features/inbox/InboxPage.tsx"), "InboxPage"),
});

const history = createRoute({
  getParentRoute: () => root,
  path: "/history",
  component: lazyRouteComponent(() => import("@/features/history/HistoryPage.tsx"), "HistoryPage"),
  validateSearch: readHistorySearch,
});

const health = createRoute({
  getParentRoute: () => root,
  path: "/health",
  component: lazyRouteComponent(() => import("@/features/health/HealthPage.tsx"), "HealthPage"),
});

const freight = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/freight/$freight",
  component: lazyRouteComponent(() => import("@/features/freight/FreightPage.tsx"), "FreightPage"),
});

const stage = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/stage/$stage",
  component: lazyRouteComponent(() => import("@/features/stage/StagePage.tsx"), "StagePage"),
  validateSearch: (search: Record<string, unknown>): { readonly run?: string } => {
    const run = text(search.run);
    return run === undefined ? {} : { run };
  },
});

const warehouse = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/warehouse/$warehouse",
  component: lazyRouteComponent(() => import("@/features/warehouse/WarehousePage.tsx"), "WarehousePage"),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/compare",
  component: lazyRouteComponent(() => import("@/features/compare/ComparePage.tsx"), "ComparePage"),
  validateSearch: (search: Record<string, unknown>): CompareSearch => {
    const [a, b] = [text(search.a), text(search.b)];
    return { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
  },
});

const promotion = createRoute({
  getParentRoute: () => root,
  path: "/p/$project/promotion/$id",
  component: lazyRouteComponent(() => import("@/features/promotion/PromotionPage.tsx"), "PromotionPage"),
  validateSearch: readPromotionSearch,
});

/** Where Kargo's UI has its pages: links in manifests and tickets (`${{ ctx.uiBaseUrl }}/project/…`) lead to ours. */
const asInKargo = createRoute({
  getParentRoute: () => root,
  path: "/project/$",
  beforeLoad: ({ params }) => {
    redirect({ to: `/p/${params._splat ?? ""}`, replace: true, throw: true });
  },
});

const development: AnyRoute[] = __DEVELOPMENT__
  ? [
      createRoute({
        getParentRoute: () => root,
        path: "/dev/components",
        component: lazyRouteComponent(() => import("./dev/Components.tsx"), "Components"),
      }),
    ]
  : [];

const tree = root.addChildren([overview, board, promotion, login, inbox, history, health, freight, stage, warehouse, compare, asInKargo, ...settingsRoutes, ...development]);

export function makeRouter() {
  const base = new URL(document.baseURI).pathname;
  return createRouter({ routeTree: tree, basepath: base, defaultPreload: false, scrollRestoration: false });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
