import { useEffect } from "react";

/** Names the browser tab; the most particular part first. */
export function useTitle(title: string | undefined) {
  useEffect(() => {
    document.title = title ? `${title} · DevSanctum` : "DevSanctum";
  }, [title]);
}
