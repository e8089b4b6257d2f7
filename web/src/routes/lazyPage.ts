import { lazyRouteComponent } from "@tanstack/react-router";
import { lazily } from "~/ui/lazily";

/** The component of that name in a module of its own, for a route. */
export const lazyPage: typeof lazyRouteComponent = (load, name) => lazyRouteComponent(lazily(load), name);
