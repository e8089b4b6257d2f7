import { Switch as Base } from "@base-ui/react/switch";
import css from "./Switch.module.css";

interface SwitchProps {
  checked: boolean;
  onChange(checked: boolean): void;
  /** Needed where no visible label names the control. */
  label?: string;
  disabled?: boolean;
}

export function Switch({ checked, onChange, label, disabled }: SwitchProps) {
  return (
    <Base.Root
      className={css.track}
      checked={checked}
      onCheckedChange={onChange}
      disabled={disabled ?? false}
      aria-label={label}
    >
      <Base.Thumb className={css.thumb} />
    </Base.Root>
  );
}
