import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronDown } from "lucide-react";
import menu from "./Menu.module.css";
import css from "./Select.module.css";

interface SelectProps<T extends string> {
  value: T;
  onChange(value: T): void;
  options: readonly { value: T; label: string; hint?: string }[];
  /** Needed where no visible label names the control. */
  label?: string;
  disabled?: boolean;
  small?: boolean;
}

export function Select<T extends string>(props: SelectProps<T>) {
  const { value, onChange, options, label, disabled, small } = props;
  return (
    <Base.Root
      items={[...options]}
      value={value}
      onValueChange={(next) => next !== null && onChange(next as T)}
      disabled={disabled ?? false}
      modal={false}
    >
      <Base.Trigger className={css.trigger} data-small={small || undefined} aria-label={label}>
        <Base.Value className={css.value} />
        <Base.Icon className={css.icon}>
          <ChevronDown aria-hidden />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner
          sideOffset={4}
          positionMethod="fixed"
          alignItemWithTrigger={false}
          className={menu.positioner}
        >
          <Base.Popup className={menu.popup}>
            <Base.List>
              {options.map((option) => (
                <Base.Item key={option.value} value={option.value} className={menu.item}>
                  <span className={css.option}>
                    <Base.ItemText>{option.label}</Base.ItemText>
                    {option.hint && <span className={css.hint}>{option.hint}</span>}
                  </span>
                  <Base.ItemIndicator className={menu.tick}>
                    <Check aria-hidden />
                  </Base.ItemIndicator>
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
