import { useNavigate } from "@tanstack/react-router";
import { useCreateOrg } from "~/api/orgs";
import { OrgForm } from "~/features/orgs/OrgForm";
import { useChosenOrg } from "~/hooks/useChosenOrg";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { PageHeader } from "~/ui/PageHeader";
import { Section } from "~/ui/Section";
import css from "./SettingsTab.module.css";

const blank = { name: "", slug: "" };

export function NewOrgPage() {
  useTitle("New organization");
  const create = useCreateOrg();
  const [, choose] = useChosenOrg();
  const navigate = useNavigate();
  return (
    <>
      <PageHeader
        title="New organization"
        lead={<p>People who share templates, variables and a quota. You become its owner.</p>}
      />
      <div className={css.narrow}>
        <Section title="What it is called">
          <OrgForm
            initial={blank}
            verb="Create organization"
            busy={create.isPending}
            error={create.error}
            onSubmit={(facts) =>
              create.mutate(facts, {
                onSuccess({ slug }) {
                  choose(slug);
                  void navigate(paths.org(slug));
                },
              })
            }
          />
        </Section>
      </div>
    </>
  );
}
