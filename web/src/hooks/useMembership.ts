import { useSuspenseQuery } from "@tanstack/react-query";
import { authQueries } from "~/api/auth";
import type { Membership } from "~/api/types";
import type { Who } from "~/features/policy";
import { useChosenOrg } from "./useChosenOrg";

/** Who the signed-in person is in which organization, and which one they look at. */
export function useMembership() {
  const { data: me } = useSuspenseQuery(authQueries.me());
  const [chosen] = useChosenOrg();
  const current: Membership | undefined =
    me.organizations.find((org) => org.slug === chosen) ?? me.organizations[0];
  return {
    me,
    current,
    whoIn: (orgId: string): Who => ({
      userId: me.id,
      role: me.organizations.find((org) => org.id === orgId)?.role,
      platformAdmin: me.platform_admin,
    }),
  };
}
