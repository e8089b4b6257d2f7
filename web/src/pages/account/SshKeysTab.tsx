import { SshKeyList } from "~/features/account/SshKeyList";
import { useTitle } from "~/hooks/useTitle";

export function SshKeysTab() {
  useTitle("SSH keys");
  return <SshKeyList />;
}
