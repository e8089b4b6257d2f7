import { ApiProblem } from "~/api/problem";

interface Refusal {
  title: string;
  text: string;
}

const suspended: Refusal = {
  title: "This account is suspended",
  text: "An administrator of this installation has suspended it. Your workspaces are kept. Ask an administrator to lift the suspension.",
};

/** Why a sign-in was not taken. */
export function signInRefusal(error: unknown): Refusal {
  if (error instanceof ApiProblem && error.code === "account_suspended") return suspended;
  return { title: "Not signed in", text: error instanceof Error ? error.message : String(error) };
}

/** The words of src/app/auth/external.rs and src/domain/identity.rs. */
const fromProvider: Record<string, string> = {
  access_denied: "You did not allow it at the provider, or it did not allow you.",
  email_not_verified: "The provider has not verified your mail address. Verify it there, then try again.",
  link_required:
    "An account with this mail address exists. Sign in to it first, then connect the provider under Account, Security.",
  no_account: "There is no account for you here yet. Ask an administrator to invite you.",
  identity_taken: "It belongs to another account here.",
  handshake_invalid: "It took too long, or was begun in another window. Try again.",
  provider_unavailable: "The provider did not answer. Try again in a moment.",
  provider_refused: "The provider's answer could not be trusted. Try again, or sign in another way.",
};

/** What the code means with which the browser comes back from a provider. */
export function providerRefusal(code: string, title = "Not signed in"): Refusal {
  if (code === "account_suspended") return suspended;
  return {
    title,
    text: fromProvider[code] ?? `The sign-in with the provider failed (${code.slice(0, 60)}).`,
  };
}
