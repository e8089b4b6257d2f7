import { TokenList } from "~/features/tokens/TokenList";
import { useMembership } from "~/hooks/useMembership";
import { useTitle } from "~/hooks/useTitle";

export function TokensTab() {
  useTitle("API tokens");
  const { me } = useMembership();
  return <TokenList me={me} />;
}
