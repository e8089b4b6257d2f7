import { Switch as Base } from "@base-ui/react/switch";
import css from "./Switch.module.css";

export function Switch({ checked, onChange }: { checked: boolean; onChange(checked: boolean): void }) {
  return (
    <Base.Root className={css.track} checked={checked} onCheckedChange={onChange}>
      <Base.Thumb className={css.thumb} />
    </Base.Root>
  );
}
