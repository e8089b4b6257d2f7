import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { orgQueries, useChangeOrg } from "~/api/orgs";
import { DeleteOrgDialog } from "~/features/orgs/DeleteOrgDialog";
import { removalRefusal } from "~/features/orgs/memberActions";
import { OrgForm } from "~/features/orgs/OrgForm";
import { RemoveMemberDialog } from "~/features/orgs/RemoveMemberDialog";
import { forbidden } from "~/features/policy";
import { visibilityOptions } from "~/features/workspaces/visibility";
import { useChosenOrg } from "~/hooks/useChosenOrg";
import { useOrg } from "~/hooks/useOrg";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { ActionRow } from "~/ui/ActionRow";
import { Button } from "~/ui/Button";
import { Section } from "~/ui/Section";
import { Select } from "~/ui/Select";
import { useToast } from "~/ui/Toasts";
import css from "./SettingsTab.module.css";

export function OrgSettingsTab() {
  const { org, who } = useOrg();
  useTitle(`Settings of ${org.name}`);
  const change = useChangeOrg(org.slug);
  const [, choose] = useChosenOrg();
  const navigate = useNavigate();
  const toast = useToast();

  function save(facts: { name: string; slug: string }) {
    const changed = {
      ...(facts.name !== org.name && { name: facts.name }),
      ...(facts.slug !== org.slug && { slug: facts.slug }),
    };
    change.mutate(changed, {
      onSuccess({ slug, name }) {
        toast.say(`${name} is saved`);
        if (slug === org.slug) return;
        choose(slug);
        void navigate({ ...paths.orgSettings(slug), replace: true });
      },
    });
  }
  return (
    <div className={css.narrow}>
      <Section title="General">
        <OrgForm
          key={`${org.slug} ${org.name}`}
          initial={org}
          verb="Save"
          busy={change.isPending}
          error={change.error}
          refusal={forbidden("renameOrg", who)}
          slugRefusal={forbidden("changeSlug", who)}
          onSubmit={save}
        />
      </Section>
      <VisibilityLimit />
      <DangerZone />
    </div>
  );
}

function VisibilityLimit() {
  const { org, who } = useOrg();
  const change = useChangeOrg(org.slug);
  const toast = useToast();
  const refusal = forbidden("renameOrg", who);
  return (
    <Section title="Addresses of workspaces">
      <ActionRow
        title="Shown to at most"
        action={
          <Select
            label="Addresses are shown to at most"
            disabled={Boolean(refusal) || change.isPending}
            value={change.variables?.max_visibility ?? org.max_visibility}
            options={visibilityOptions}
            onChange={(max_visibility) =>
              change.mutate(
                { max_visibility },
                {
                  onSuccess: () => toast.say("The limit is saved"),
                  onError: (error) => toast.fail("The limit is not saved", error),
                },
              )
            }
          />
        }
      >
        {refusal ??
          "Those that are shown to more become as narrow at once, and stay so when the limit is lifted."}
      </ActionRow>
    </Section>
  );
}

function DangerZone() {
  const { org, who } = useOrg();
  const navigate = useNavigate();
  const toast = useToast();
  const members = useQuery(orgQueries.members(org.slug)).data?.items;
  const myself = members?.find(({ user }) => user.id === who.userId);
  const [asking, setAsking] = useState<"leave" | "delete" | null>(null);
  const close = () => setAsking(null);
  return (
    <Section title="Danger zone" tone="danger">
      {members && myself && (
        <ActionRow
          title="Leave this organization"
          action={
            <Button refusal={removalRefusal(myself, members, who)} onClick={() => setAsking("leave")}>
              Leave
            </Button>
          }
        >
          Your workspaces here go to somebody who stays.
        </ActionRow>
      )}
      <ActionRow
        title="Delete this organization"
        action={
          <Button look="danger" refusal={forbidden("deleteOrg", who)} onClick={() => setAsking("delete")}>
            Delete
          </Button>
        }
      >
        With its templates, variables and memberships. This cannot be undone.
      </ActionRow>
      {asking === "leave" && members && myself && (
        <RemoveMemberDialog org={org} leaving={myself} members={members} self onClose={close} />
      )}
      {asking === "delete" && (
        <DeleteOrgDialog
          org={org}
          onClose={close}
          onDeleted={() => {
            toast.say(`${org.name} is being deleted`);
            void navigate(paths.home());
          }}
        />
      )}
    </Section>
  );
}
