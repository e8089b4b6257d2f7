import { CSPProvider } from "@base-ui/react/csp-provider";
import type { ReactNode } from "react";

/** No primitive may write a <style> element: the content security policy allows stylesheets of ours only. */
export function UiProvider({ children }: { children: ReactNode }) {
  return <CSPProvider disableStyleElements>{children}</CSPProvider>;
}
