import { VariableSection } from "~/features/variables/VariableSection";
import { useTitle } from "~/hooks/useTitle";

const scope = { kind: "me" } as const;

export function VariablesTab() {
  useTitle("Variables");
  return (
    <VariableSection
      scope={scope}
      note="In every workspace of yours, over those of templates and organizations"
    >
      What every workspace of yours shall know: your name in Git, a token of a registry, an editor.
    </VariableSection>
  );
}
