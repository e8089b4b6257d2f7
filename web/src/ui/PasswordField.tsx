import { Eye, EyeOff } from "lucide-react";
import { type ReactNode, useState } from "react";
import { IconButton } from "./Button";
import { TextField } from "./Field";

interface PasswordFieldProps {
  label?: string;
  name?: string;
  autoComplete: "current-password" | "new-password";
  autoFocus?: boolean;
  optional?: boolean;
  value: string;
  onValueChange(value: string): void;
  problem?: string | undefined;
  hint?: ReactNode;
}

export function PasswordField({ label = "Password", name = "password", ...field }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <TextField
      {...field}
      label={label}
      name={name}
      type={shown ? "text" : "password"}
      required={!field.optional}
      spellCheck={false}
      autoCapitalize="none"
      after={
        <IconButton
          icon={shown ? EyeOff : Eye}
          label={shown ? "Hide password" : "Show password"}
          size="s"
          onClick={() => setShown(!shown)}
        />
      }
    />
  );
}
