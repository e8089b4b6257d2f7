import { CircleStop, type LucideIcon, Play, RotateCcw, RotateCw, X } from "lucide-react";
import type { LifecycleVerb } from "~/api/workspaces";

/** What the verbs of a workspace's life are called, and their signs. */
export const verbs: Record<LifecycleVerb, { label: string; icon: LucideIcon }> = {
  start: { label: "Start", icon: Play },
  stop: { label: "Stop", icon: CircleStop },
  restart: { label: "Restart", icon: RotateCw },
  retry: { label: "Retry", icon: RotateCcw },
  cancel: { label: "Cancel", icon: X },
};
