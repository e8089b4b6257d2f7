import { forbidden } from "~/features/policy";
import { VariableSection } from "~/features/variables/VariableSection";
import { useOrg } from "~/hooks/useOrg";
import { useTitle } from "~/hooks/useTitle";

export function OrgVariablesTab() {
  const { org, who } = useOrg();
  useTitle(`Variables of ${org.name}`);
  return (
    <VariableSection
      scope={{ kind: "org", org: org.slug }}
      note="In every workspace of the organization"
      refusal={forbidden("writeOrgVariables", who)}
    >
      What every workspace here shall know: a proxy, a registry, an environment's name.
    </VariableSection>
  );
}
