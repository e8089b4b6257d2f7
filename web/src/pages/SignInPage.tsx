import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { authQueries } from "~/api/auth";
import css from "~/features/auth/Gate.module.css";
import { GateHeading } from "~/features/auth/GateHeading";
import { Or, ProviderButtons } from "~/features/auth/ProviderButtons";
import { providerRefusal } from "~/features/auth/refusals";
import { SignInForm } from "~/features/auth/SignInForm";
import { useTitle } from "~/hooks/useTitle";
import { ownAddress, paths } from "~/paths";
import { Notice } from "~/ui/Notice";

export function SignInPage() {
  useTitle("Sign in");
  const { return_to, error } = useSearch({ from: "/gate/sign-in" });
  const { data: methods } = useSuspenseQuery(authQueries.methods());
  const navigate = useNavigate();
  const destination = ownAddress(return_to);
  const refusal = error === undefined ? null : providerRefusal(error);
  const [asksForCode, setAsksForCode] = useState(false);
  const elsewhere = methods.providers.length > 0 && !asksForCode;

  return (
    <>
      {asksForCode ? (
        <GateHeading title="One more thing">Your account asks for a second proof that it is you.</GateHeading>
      ) : (
        <GateHeading title="Sign in">Your workspaces are where you left them.</GateHeading>
      )}
      {refusal && !asksForCode && (
        <div className={css.notice}>
          <Notice tone="fail" title={refusal.title}>
            {refusal.text}
          </Notice>
        </div>
      )}
      {elsewhere && <ProviderButtons providers={methods.providers} returnTo={destination} />}
      {elsewhere && methods.password && <Or />}
      {methods.password && (
        <SignInForm
          onSecondFactor={setAsksForCode}
          onDone={() => navigate({ href: destination, replace: true })}
        >
          <Link {...paths.forgotPassword()} className={css.link}>
            Forgot your password?
          </Link>
        </SignInForm>
      )}
      {methods.registration && !asksForCode && (
        <p className={css.aside}>
          Not been here before? <Link {...paths.register()}>Create an account</Link>
        </p>
      )}
    </>
  );
}
