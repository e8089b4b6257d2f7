import { AppWindow, Cog, Database, Laptop, type LucideIcon, Server } from "lucide-react";
import type { ComponentType } from "~/api/types";

export const componentKind: Record<ComponentType, { label: string; icon: LucideIcon }> = {
  frontend: { label: "Front end", icon: AppWindow },
  backend: { label: "Back end", icon: Server },
  worker: { label: "Worker", icon: Cog },
  database: { label: "Database", icon: Database },
  workspace: { label: "Place to work", icon: Laptop },
};
