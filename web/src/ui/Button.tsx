import { Button as BaseButton } from "@base-ui/react/button";
import type { LucideIcon } from "lucide-react";
import { type ComponentProps, cloneElement, type ReactElement, type ReactNode } from "react";
import css from "./Button.module.css";
import { classes } from "./classes";
import { Tooltip } from "./Tooltip";

type Look = "primary" | "plain" | "quiet" | "danger";

interface ButtonProps extends Omit<ComponentProps<"button">, "children"> {
  children?: ReactNode;
  icon?: LucideIcon;
  /** Rendered after the label: a chevron, a shortcut. */
  after?: ReactNode;
  look?: Look;
  size?: "s" | "m";
  /** Work is under way: the button keeps its width and refuses a second press. */
  busy?: boolean;
  /** Why it cannot be pressed now. The button stays focusable, so that the reason can be read. */
  refusal?: string | undefined;
  /** A link that looks like this button. */
  render?: ReactElement<{ className?: string }>;
}

export function Button(props: ButtonProps) {
  const {
    children,
    icon: Icon,
    after,
    look = "plain",
    size = "m",
    busy,
    refusal,
    render,
    disabled,
    ...rest
  } = props;
  const blocked = Boolean(refusal) || Boolean(busy) || Boolean(disabled);
  const className = classes(
    css.button,
    css[look],
    css[size],
    !children && css.square,
    busy && css.busy,
    rest.className,
  );
  const content = (
    <>
      {Icon && <Icon className={css.icon} aria-hidden />}
      {children && <span className={css.label}>{children}</span>}
      {after}
    </>
  );
  // A link looks like a button and stays a link. What must not be pressed must not be a link either.
  if (render && !blocked) return cloneElement(render, { ...rest, className }, content);
  const button = (
    <BaseButton
      {...rest}
      disabled={blocked}
      focusableWhenDisabled={Boolean(refusal) || Boolean(busy)}
      aria-busy={busy || undefined}
      className={className}
    >
      {content}
    </BaseButton>
  );
  return refusal ? <Tooltip text={refusal}>{button}</Tooltip> : button;
}

type IconButtonProps = Omit<ButtonProps, "children" | "icon"> & { icon: LucideIcon; label: string };

/** A button without words; its label is read aloud and shown on hover and focus. */
export function IconButton({ label, look = "quiet", ...props }: IconButtonProps) {
  return (
    <Tooltip text={props.refusal ?? label}>
      <Button
        {...props}
        refusal={undefined}
        disabled={Boolean(props.refusal) || props.disabled}
        look={look}
        aria-label={label}
      />
    </Tooltip>
  );
}
