import "~/ui/theme/base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { makeQueryClient } from "~/api/queryClient";
import { session } from "~/api/session";
import { makeRouter } from "~/routes";
import { Toasts } from "~/ui/Toasts";
import { TooltipProvider } from "~/ui/Tooltip";
import { UiProvider } from "~/ui/UiProvider";

const queryClient = makeQueryClient();
const router = makeRouter(queryClient);

// A session that ends anywhere sends the page back to the door.
session.subscribe(() => {
  if (session.state() === "signed-out") void router.invalidate();
});

const container = document.getElementById("root");
if (!container) throw new Error("index.html has lost its #root");
createRoot(container).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <UiProvider>
        <TooltipProvider delay={350}>
          <Toasts>
            <RouterProvider router={router} />
          </Toasts>
        </TooltipProvider>
      </UiProvider>
    </QueryClientProvider>
  </StrictMode>,
);
