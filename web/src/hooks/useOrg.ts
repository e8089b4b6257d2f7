import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { orgQueries } from "~/api/orgs";
import type { Org } from "~/api/types";
import type { Who } from "~/features/policy";
import { useMembership } from "./useMembership";

/** The organization of the page and who the person is in it, for its tabs: the layout above waits for it. */
export function useOrg(): { org: Org; who: Who } {
  const { org: slug } = useParams({ from: "/app/organizations/$org" });
  const { data: org } = useSuspenseQuery(orgQueries.one(slug));
  const { whoIn } = useMembership();
  return { org, who: whoIn(org.id) };
}
