/** The addresses of settings: each screen is loaded when it is opened. Features of a Project and of the system are given which. */
import { lazy, Suspense, type ComponentType, type ReactElement } from "react";
import { createRoute, lazyRouteComponent, useParams } from "@tanstack/react-router";
import { root } from "../root.tsx";
import { ProjectSettings, SystemSettings } from "./Frames.tsx";

const OfRoles = lazy(() => import("@/features/roles/RolesPage.tsx").then(({ RolesPage }) => ({ default: RolesPage })));
const OfRole = lazy(() => import("@/features/roles/RolePage.tsx").then(({ RolePage }) => ({ default: RolePage })));
const OfCredentials = lazy(() => import("@/features/credentials/CredentialsPage.tsx").then(({ CredentialsPage }) => ({ default: CredentialsPage })));
const OfWebhooks = lazy(() => import("@/features/webhooks/WebhooksPage.tsx").then(({ WebhooksPage }) => ({ default: WebhooksPage })));

/** A screen that is given the names in the address, and loaded when it is there. */
function named(Screen: ComponentType<{ readonly project: string; readonly role: string }>): () => ReactElement {
  return function Named() {
    const { project = "", role = "" }: { project?: string; role?: string } = useParams({ strict: false });
    return (
      <Suspense fallback={null}>
        <Screen key={`${project}/${role}`} project={project} role={role} />
      </Suspense>
    );
  };
}

const project = createRoute({ getParentRoute: () => root, path: "/p/$project/settings", component: ProjectSettings });
const system = createRoute({ getParentRoute: () => root, path: "/settings", component: SystemSettings });
const below = [
  createRoute({ getParentRoute: () => project, path: "/", component: lazyRouteComponent(() => import("@/features/projectSettings/GeneralPage.tsx"), "GeneralPage") }),
  createRoute({ getParentRoute: () => project, path: "promotion", component: lazyRouteComponent(() => import("@/features/projectSettings/PromotionPage.tsx"), "PromotionPage") }),
  createRoute({ getParentRoute: () => project, path: "objects", component: lazyRouteComponent(() => import("@/features/manifests/ObjectsPage.tsx"), "ObjectsPage") }),
  createRoute({ getParentRoute: () => project, path: "credentials", component: named(({ project: name }) => <OfCredentials place="project" project={name} />) }),
  createRoute({ getParentRoute: () => project, path: "webhooks", component: named(OfWebhooks) }),
  createRoute({ getParentRoute: () => project, path: "roles", component: named(OfRoles) }),
  createRoute({ getParentRoute: () => project, path: "roles/$role", component: named(OfRole) }),
] as const;
const ofSystem = [
  createRoute({ getParentRoute: () => system, path: "/", component: lazyRouteComponent(() => import("@/features/ownTokens/OwnTokensPage.tsx"), "OwnTokensPage") }),
  createRoute({ getParentRoute: () => system, path: "roles", component: named(OfRoles) }),
  createRoute({ getParentRoute: () => system, path: "roles/$role", component: named(OfRole) }),
  createRoute({ getParentRoute: () => system, path: "credentials", component: named(() => <OfCredentials place="shared" project="" />) }),
  createRoute({ getParentRoute: () => system, path: "secrets", component: named(() => <OfCredentials place="system" project="" />) }),
  createRoute({ getParentRoute: () => system, path: "webhooks", component: named(OfWebhooks) }),
  createRoute({ getParentRoute: () => system, path: "cluster", component: lazyRouteComponent(() => import("@/features/clusterSettings/ClusterPage.tsx"), "ClusterPage") }),
] as const;
export const settingsRoutes = [
  project.addChildren(below),
  system.addChildren(ofSystem),
  createRoute({ getParentRoute: () => root, path: "/p/$project/edit/$kind/$name", component: lazyRouteComponent(() => import("@/features/manifests/EditPage.tsx"), "EditPage") }),
  createRoute({ getParentRoute: () => root, path: "/p/$project/new/$kind", component: lazyRouteComponent(() => import("@/features/manifests/NewPage.tsx"), "NewPage") }),
  createRoute({ getParentRoute: () => root, path: "/new/project", component: lazyRouteComponent(() => import("@/features/manifests/NewProjectPage.tsx"), "NewProjectPage") }),
] as const;
