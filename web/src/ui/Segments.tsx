import { Toggle } from "@base-ui/react/toggle";
import { ToggleGroup } from "@base-ui/react/toggle-group";
import type { LucideIcon } from "lucide-react";
import { classes } from "./classes";
import css from "./Segments.module.css";

interface SegmentsProps<T extends string> {
  label: string;
  value: T;
  onChange(value: T): void;
  options: readonly { value: T; label: string; icon?: LucideIcon; iconOnly?: boolean }[];
}

/** A few choices side by side, one of them taken. */
export function Segments<T extends string>({ label, value, onChange, options }: SegmentsProps<T>) {
  return (
    <ToggleGroup
      className={css.group}
      aria-label={label}
      value={[value]}
      onValueChange={([next]: T[]) => next && onChange(next)}
    >
      {options.map(({ value: option, label: name, icon: Icon, iconOnly }) => (
        <Toggle
          key={option}
          value={option}
          className={classes(css.segment, iconOnly && css.square)}
          aria-label={iconOnly ? name : undefined}
        >
          {Icon && <Icon aria-hidden />}
          {!iconOnly && name}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}
