import "~/ui/theme/base.css";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { Toasts } from "~/ui/Toasts";
import { TooltipProvider } from "~/ui/Tooltip";
import { UiProvider } from "~/ui/UiProvider";
import { Gallery } from "./Gallery";

// Some blocks are links, which need addresses to lead to.
const root = createRootRoute({ component: Gallery });
const tree = root.addChildren(
  ["/", "/catalog"].map((path) => createRoute({ getParentRoute: () => root, path })),
);
const router = createRouter({ routeTree: tree, history: createMemoryHistory() });

const container = document.getElementById("root");
if (!container) throw new Error("gallery/index.html has lost its #root");
createRoot(container).render(
  <UiProvider>
    <TooltipProvider delay={350}>
      <Toasts>
        <RouterProvider router={router as never} />
      </Toasts>
    </TooltipProvider>
  </UiProvider>,
);
