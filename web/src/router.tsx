import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { begin } from "./pages/run/early";
import { parseSearch, stringifySearch, type Search } from "./selection/search";
import { Broken, Missing } from "./shell/Missing";
import { Shell } from "./shell/Shell";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: Missing,
  errorComponent: ({ error }) => <Broken error={error} />,
  validateSearch: (search): Search => search as Search,
});

const at = <P extends string>(path: P, component: Parameters<typeof createRoute>[0]["component"]) =>
  createRoute({ getParentRoute: () => root, path, component });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/runs", replace: true });
  },
});

const routes = [
  home,
  at("/runs", lazyRouteComponent(() => import("./pages/runs/RunsPage"))),
  createRoute({
    getParentRoute: () => root,
    path: "/runs/$runId",
    component: lazyRouteComponent(() => import("./pages/run/RunPage")),
    beforeLoad: ({ params }) => begin(params.runId),
  }),
  at("/compare", lazyRouteComponent(() => import("./pages/compare/ComparePage"))),
  at("/compare/$a/$b", lazyRouteComponent(() => import("./pages/compare/ComparePage"))),
  at("/history", lazyRouteComponent(() => import("./pages/history/HistoryPage"))),
  at("/history/$pipeline", lazyRouteComponent(() => import("./pages/history/HistoryPage"))),
  at("/replay/$runId", lazyRouteComponent(() => import("./pages/replay/ReplayPage"))),
  at("/rules", lazyRouteComponent(() => import("./pages/rules/RulesPage"))),
  at("/rules/$code", lazyRouteComponent(() => import("./pages/rules/RulePage"))),
  at("/settings", lazyRouteComponent(() => import("./pages/settings/SettingsPage"))),
];

export const router = createRouter({
  routeTree: root.addChildren(routes),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultPendingMs: 300,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
