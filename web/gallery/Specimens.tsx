import type { ReactNode } from "react";
import { Section } from "~/ui/Section";
import css from "./Gallery.module.css";

/** Blocks of one kind. */
export function Specimens({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Section title={title}>
      <div className={css.specimens}>{children}</div>
    </Section>
  );
}

interface SpecimenProps {
  name: string;
  children: ReactNode;
  /** Side by side in columns of one width, rather than in a line. */
  columns?: boolean;
}

/** One block: its name, and its states. */
export function Specimen({ name, children, columns }: SpecimenProps) {
  return (
    <div className={css.specimen}>
      <h3 className={css.name}>{name}</h3>
      <div className={columns ? css.columns : css.states}>{children}</div>
    </div>
  );
}
