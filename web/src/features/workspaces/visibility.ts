import type { Visibility } from "~/api/types";

export const visibilityOptions: { value: Visibility; label: string; hint: string }[] = [
  { value: "private", label: "Private", hint: "Only the owner" },
  { value: "organization", label: "Organization", hint: "Every member" },
  { value: "authenticated", label: "Signed in", hint: "Everybody with an account here" },
  { value: "public", label: "Public", hint: "Everybody who has the address" },
];
