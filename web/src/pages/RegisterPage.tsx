import { Link, useNavigate } from "@tanstack/react-router";
import css from "~/features/auth/Gate.module.css";
import { GateHeading } from "~/features/auth/GateHeading";
import { RegisterForm } from "~/features/auth/RegisterForm";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";

export function RegisterPage() {
  useTitle("Create an account");
  const navigate = useNavigate();
  return (
    <>
      <GateHeading title="Create an account">It takes a minute, and one password.</GateHeading>
      <RegisterForm verb="Create account" onDone={() => navigate({ ...paths.home(), replace: true })} />
      <p className={css.aside}>
        Been here before? <Link {...paths.signIn()}>Sign in</Link>
      </p>
    </>
  );
}
