import { Search } from "lucide-react";
import { useEffect, useRef } from "react";
import css from "./SearchBox.module.css";

interface SearchBoxProps {
  label: string;
  value: string;
  onChange(value: string): void;
}

/** "/" anywhere on the page brings the cursor here. */
export function SearchBox({ label, value, onChange }: SearchBoxProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target as HTMLElement;
      if (target.closest("input, textarea, select, [contenteditable]")) return;
      event.preventDefault();
      input.current?.focus();
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <span className={css.box}>
      <Search className={css.icon} aria-hidden />
      <input
        ref={input}
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
