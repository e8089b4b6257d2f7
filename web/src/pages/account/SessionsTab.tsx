import { SessionList } from "~/features/account/SessionList";
import { useTitle } from "~/hooks/useTitle";

export function SessionsTab() {
  useTitle("Sessions");
  return <SessionList />;
}
