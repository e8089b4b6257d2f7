import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { templateQueries } from "~/api/templates";
import { failureOf } from "~/features/failure";
import { forbidden } from "~/features/policy";
import { TemplateCard, TemplateGrid, TemplateGridSkeleton } from "~/features/templates/TemplateCard";
import { useMembership } from "~/hooks/useMembership";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { PageHeader } from "~/ui/PageHeader";

export function TemplatesPage() {
  useTitle("Templates");
  const { current, whoIn } = useMembership();
  const query = useQuery(templateQueries.ofOrg(current?.slug ?? ""));
  const templates = query.data?.items;
  const create = (
    <Button
      look="primary"
      icon={Plus}
      refusal={current && forbidden("writeTemplates", whoIn(current.id))}
      render={<Link {...paths.newTemplate()} />}
    >
      New template
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Templates"
        lead={<p>Recipes of {current?.name ?? "your organization"}. Each version stays as it was written.</p>}
        actions={create}
      />
      {query.isPending && <TemplateGridSkeleton />}
      {query.isError && !templates && <Failure {...failureOf(query.error)} onRetry={() => query.refetch()} />}
      {templates?.length === 0 && (
        <Empty title="No templates of your own yet" action={create}>
          The catalog has what the installation ships. A template of your own says which containers make up
          your application and how they find each other.
        </Empty>
      )}
      {templates && templates.length > 0 && (
        <TemplateGrid>
          {templates.map((template) => (
            <TemplateCard key={template.id} template={template} to={paths.template(template.id)} />
          ))}
        </TemplateGrid>
      )}
    </>
  );
}
