import { fieldProblem } from "~/features/Refused";
import { CodeField } from "~/ui/CodeField";
import { PasswordField } from "~/ui/PasswordField";

export interface Proof {
  password: string;
  code: string;
}

export const noProof: Proof = { password: "", code: "" };

interface ProofFieldsProps {
  proof: Proof;
  onChange(proof: Proof): void;
  error: unknown;
}

/** Both factors at once, for what would weaken them. */
export function ProofFields({ proof, onChange, error }: ProofFieldsProps) {
  return (
    <>
      <PasswordField
        autoComplete="current-password"
        autoFocus
        value={proof.password}
        onValueChange={(password) => onChange({ ...proof, password })}
        problem={fieldProblem(error, "password")}
      />
      <CodeField
        label="Code from your authenticator"
        value={proof.code}
        onValueChange={(code) => onChange({ ...proof, code })}
        problem={fieldProblem(error, "code")}
      />
    </>
  );
}
