import { useSuspenseQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { authQueries } from "~/api/auth";
import { Notice } from "~/ui/Notice";

/** Where mail would help and none is set up: what happens in its place. */
export function MailHint({ children }: { children: ReactNode }) {
  const { data: methods } = useSuspenseQuery(authQueries.methods());
  if (methods.mail) return null;
  return (
    <Notice tone="info" title="No mail is set up">
      {children}
    </Notice>
  );
}
