import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Building2, Monitor, Moon, Sun } from "lucide-react";
import { authQueries } from "~/api/auth";
import { EmailSection } from "~/features/account/EmailSection";
import { ProfileForm } from "~/features/account/ProfileForm";
import { roleWords } from "~/features/orgs/roleWords";
import { useMembership } from "~/hooks/useMembership";
import { useTheme } from "~/hooks/useTheme";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Facts } from "~/ui/Facts";
import { Item, ItemList } from "~/ui/ItemList";
import { RelativeTime } from "~/ui/RelativeTime";
import { Section } from "~/ui/Section";
import { Segments } from "~/ui/Segments";

const themes = [
  { value: "system", label: "System", icon: Monitor },
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
] as const;

export function ProfileTab() {
  useTitle("Account");
  const { me } = useMembership();
  const [theme, setTheme] = useTheme();
  const version = useQuery(authQueries.version());
  return (
    <>
      <Section title="Profile">
        <ProfileForm me={me} />
      </Section>
      <EmailSection me={me} />
      <Section title="Organizations" bare>
        {me.organizations.length === 0 ? (
          <p>You belong to none.</p>
        ) : (
          <ItemList label="Organizations">
            {me.organizations.map(({ slug, name, role }) => (
              <Item
                key={slug}
                icon={Building2}
                title={<Link {...paths.org(slug)}>{name}</Link>}
                facts={[roleWords[role].label, roleWords[role].hint]}
              />
            ))}
          </ItemList>
        )}
      </Section>
      <Section title="Theme" note="Kept in this browser">
        <Segments label="Theme" value={theme} onChange={setTheme} options={themes} />
      </Section>
      <Section title="Installation">
        <Facts
          facts={[
            ["Version", version.data?.version],
            ["Here since", <RelativeTime key="since" at={me.created_at} />],
            [
              "API",
              <a key="api" href="/docs">
                Reference
              </a>,
            ],
          ]}
        />
      </Section>
    </>
  );
}
