import { useSearch } from "@tanstack/react-router";
import { IdentitySection } from "~/features/account/IdentitySection";
import { PasswordSection } from "~/features/account/PasswordSection";
import { TwoFactorSection } from "~/features/account/TwoFactorSection";
import { providerRefusal } from "~/features/auth/refusals";
import { useMembership } from "~/hooks/useMembership";
import { useTitle } from "~/hooks/useTitle";
import { Notice } from "~/ui/Notice";
import css from "./AccountLayout.module.css";

export function SecurityTab() {
  useTitle("Security");
  const { me } = useMembership();
  const { error } = useSearch({ from: "/app/account/security" });
  const refusal = error === undefined ? null : providerRefusal(error, "Not connected");
  return (
    <>
      {refusal && (
        <div className={css.notice}>
          <Notice tone="fail" title={refusal.title}>
            {refusal.text}
          </Notice>
        </div>
      )}
      <PasswordSection me={me} />
      <TwoFactorSection me={me} />
      <IdentitySection me={me} />
    </>
  );
}
