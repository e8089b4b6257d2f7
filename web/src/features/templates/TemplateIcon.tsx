import {
  Box,
  CodeXml,
  Database,
  DoorOpen,
  FlaskConical,
  Globe,
  Hand,
  type LucideIcon,
  NotebookPen,
  ReceiptText,
  Server,
  ShoppingCart,
  Terminal,
} from "lucide-react";
import css from "./TemplateIcon.module.css";

/** Names a manifest may use for `icon`; any other name gets the plain box. */
const icons: Record<string, LucideIcon> = {
  "door-open": DoorOpen,
  hand: Hand,
  "shopping-cart": ShoppingCart,
  code: CodeXml,
  notebook: NotebookPen,
  receipt: ReceiptText,
  database: Database,
  server: Server,
  terminal: Terminal,
  globe: Globe,
  flask: FlaskConical,
};

export function TemplateIcon({ name, large }: { name: string; large?: boolean }) {
  const Icon = icons[name] ?? Box;
  return (
    <span className={css.arch} data-large={large || undefined}>
      <Icon aria-hidden />
    </span>
  );
}
