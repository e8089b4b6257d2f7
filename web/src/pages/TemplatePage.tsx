import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { templateQueries } from "~/api/templates";
import { failureOf } from "~/features/failure";
import { forbidden } from "~/features/policy";
import { templateTitle } from "~/features/templates/TemplateCard";
import { TemplateIcon } from "~/features/templates/TemplateIcon";
import { VersionTable } from "~/features/templates/VersionTable";
import { VariableSection } from "~/features/variables/VariableSection";
import { WhatWillBeMade } from "~/features/workspaces/WhatWillBeMade";
import { useMembership } from "~/hooks/useMembership";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";
import { Failure } from "~/ui/Failure";
import { lazily } from "~/ui/lazily";
import { PageHeader } from "~/ui/PageHeader";
import { Section } from "~/ui/Section";
import { Skeleton } from "~/ui/Skeleton";
import css from "./TemplatePage.module.css";

const Readme = lazy(
  lazily(() => import("~/features/templates/Readme").then(({ Readme }) => ({ default: Readme }))),
);

export function TemplatePage() {
  const { id } = useParams({ from: "/app/templates/$id" });
  const query = useQuery(templateQueries.one(id));
  const { me, whoIn } = useMembership();
  const template = query.data;
  useTitle(template && templateTitle(template));
  if (query.isPending) return <Skeleton shape="box" />;
  if (!template) return <Failure page {...failureOf(query.error)} onRetry={() => query.refetch()} />;
  const refusal = template.org_id
    ? forbidden("writeTemplates", whoIn(template.org_id))
    : "The catalog is written by the installation.";
  const variables = template.org_id
    ? {
        seen: !forbidden("readOrgVariables", whoIn(template.org_id)),
        refusal: forbidden("writeTemplates", whoIn(template.org_id)),
      }
    : { seen: me.platform_admin, refusal: undefined };
  return (
    <>
      <PageHeader
        before={<TemplateIcon name={template.icon} large />}
        title={templateTitle(template)}
        lead={<p>{template.description}</p>}
        actions={
          <>
            <Button refusal={refusal} render={<Link {...paths.newTemplateVersion(id)} />}>
              New version
            </Button>
            <Button look="primary" render={<Link {...paths.newWorkspace(id)} />}>
              New workspace
            </Button>
          </>
        }
      />
      <div className={css.columns}>
        <div>
          <Section title="Versions" bare>
            <VersionTable templateId={id} refusal={refusal} />
          </Section>
          {variables.seen && (
            <VariableSection
              scope={{ kind: "template", id }}
              note="In every workspace made from it, over those of the organization"
              refusal={variables.refusal}
            >
              What every workspace of this template shall know: a licence, the address of a service.
            </VariableSection>
          )}
          {template.readme && (
            <Section title="Readme">
              <Suspense fallback={<Skeleton />}>
                <Readme text={template.readme} />
              </Suspense>
            </Section>
          )}
        </div>
        <aside>
          <Section title="Makes">
            <WhatWillBeMade template={template} name="" />
          </Section>
        </aside>
      </div>
    </>
  );
}
