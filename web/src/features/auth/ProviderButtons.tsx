import { providerAddress } from "~/api/auth";
import type { Methods } from "~/api/types";
import { Button } from "~/ui/Button";
import css from "./ProviderButtons.module.css";

interface ProviderButtonsProps {
  providers: Methods["providers"];
  returnTo: string;
}

/** Signing in elsewhere: the browser leaves, and comes back signed in or with a reason. */
export function ProviderButtons({ providers, returnTo }: ProviderButtonsProps) {
  return (
    <div className={css.providers}>
      {providers.map(({ id, name }) => (
        <Button key={id} className={css.provider} render={<a href={providerAddress(id, returnTo)} />}>
          Continue with {name}
        </Button>
      ))}
    </div>
  );
}

export function Or() {
  return <p className={css.or}>or</p>;
}
