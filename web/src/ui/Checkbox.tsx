import { Checkbox as Base } from "@base-ui/react/checkbox";
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import css from "./Checkbox.module.css";

interface CheckboxProps {
  checked: boolean;
  onChange(checked: boolean): void;
  children: ReactNode;
}

export function Checkbox({ checked, onChange, children }: CheckboxProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the box inside
    <label className={css.label}>
      <Base.Root className={css.box} checked={checked} onCheckedChange={onChange}>
        <Base.Indicator className={css.tick}>
          <Check aria-hidden />
        </Base.Indicator>
      </Base.Root>
      <span>{children}</span>
    </label>
  );
}
