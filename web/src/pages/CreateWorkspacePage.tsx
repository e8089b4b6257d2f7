import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { templateQueries } from "~/api/templates";
import { workspaceQueries } from "~/api/workspaces";
import { failureOf } from "~/features/failure";
import { templateTitle } from "~/features/templates/TemplateCard";
import { TemplateIcon } from "~/features/templates/TemplateIcon";
import { CreateWorkspaceForm } from "~/features/workspaces/CreateWorkspaceForm";
import { useMembership } from "~/hooks/useMembership";
import { useTitle } from "~/hooks/useTitle";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { PageHeader } from "~/ui/PageHeader";
import { Skeleton } from "~/ui/Skeleton";

export function CreateWorkspacePage() {
  const { templateId } = useParams({ from: "/app/new/$templateId" });
  const query = useQuery(templateQueries.one(templateId));
  const workspaces = useInfiniteQuery(workspaceQueries.list(""));
  const { current, whoIn } = useMembership();
  const template = query.data;
  useTitle(template && `New ${templateTitle(template)} workspace`);

  if (query.isPending || workspaces.isPending) {
    return (
      <>
        <PageHeader
          before={<Skeleton shape="door" />}
          title={<Skeleton shape="title" />}
          lead={<Skeleton />}
        />
        <Skeleton shape="box" />
      </>
    );
  }
  if (!template) return <Failure page {...failureOf(query.error)} onRetry={() => query.refetch()} />;
  if (!current) {
    return (
      <Empty page title="You belong to no organization">
        Ask an administrator to invite you to one.
      </Empty>
    );
  }
  return (
    <>
      <PageHeader
        before={<TemplateIcon name={template.icon} large />}
        title={`New ${templateTitle(template)} workspace`}
        lead={<p>{template.description}</p>}
      />
      <CreateWorkspaceForm
        key={template.id}
        template={template}
        organization={current}
        who={whoIn(current.id)}
        taken={new Set(workspaces.data?.pages.flatMap(({ items }) => items.map(({ name }) => name)))}
      />
    </>
  );
}
