import { Search } from "lucide-react";
import css from "./SearchBox.module.css";

interface SearchBoxProps {
  label: string;
  value: string;
  onChange(value: string): void;
}

/** The shortcut "/" brings the cursor here from anywhere on the page. */
export function SearchBox({ label, value, onChange }: SearchBoxProps) {
  return (
    <span className={css.box}>
      <Search className={css.icon} aria-hidden />
      <input
        type="search"
        className={css.input}
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <span className={css.key} aria-hidden="true">
        /
      </span>
    </span>
  );
}
