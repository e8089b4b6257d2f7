import { type FormEvent, useState } from "react";
import { fieldProblem, Refused } from "~/features/Refused";
import { Button } from "~/ui/Button";
import { TextField } from "~/ui/Field";
import form from "~/ui/Form.module.css";
import { slugFor, slugProblem } from "./slug";

interface OrgFormProps {
  initial: { name: string; slug: string };
  verb: string;
  busy: boolean;
  error: unknown;
  onSubmit(facts: { name: string; slug: string }): void;
  /** Why neither may change, or why the slug may not. */
  refusal?: string | undefined;
  slugRefusal?: string | undefined;
}

/** Name and slug. While it is new, the slug follows the name until the person writes it. */
export function OrgForm(props: OrgFormProps) {
  const { initial, verb, busy, error, onSubmit, refusal, slugRefusal } = props;
  const isNew = initial.slug === "";
  const [name, setName] = useState(initial.name);
  const [written, setWritten] = useState<string | null>(isNew ? null : initial.slug);
  const [judged, setJudged] = useState(false);
  const slug = written ?? slugFor(name);
  const wrong = slugProblem(slug);
  const hint = `Names it in addresses and on the command line.${isNew ? "" : " What points to the old one breaks."}`;
  const unchanged = name.trim() === initial.name && slug === initial.slug;

  function submit(event: FormEvent) {
    event.preventDefault();
    setJudged(true);
    if (!wrong && !refusal && !unchanged) onSubmit({ name: name.trim(), slug });
  }
  return (
    <form className={form.form} onSubmit={submit}>
      <Refused title="Not saved" error={error} fields={["name", "slug"]} />
      <TextField
        label="Name"
        name="name"
        required
        autoComplete="off"
        autoFocus={isNew}
        readOnly={Boolean(refusal)}
        value={name}
        onValueChange={setName}
        problem={fieldProblem(error, "name")}
      />
      <TextField
        label="Slug"
        name="slug"
        mono
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        readOnly={Boolean(slugRefusal)}
        hint={slugRefusal ?? hint}
        value={slug}
        onValueChange={setWritten}
        problem={(judged || written ? wrong : undefined) ?? fieldProblem(error, "slug")}
      />
      <div className={form.actions}>
        <Button
          type="submit"
          look={isNew ? "primary" : "plain"}
          busy={busy}
          refusal={refusal ?? (unchanged && !isNew ? "Nothing has changed." : undefined)}
        >
          {verb}
        </Button>
      </div>
    </form>
  );
}
