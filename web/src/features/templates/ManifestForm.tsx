import { useState } from "react";
import { ApiProblem } from "~/api/problem";
import { useCheckManifest } from "~/api/templates";
import type { Manifest } from "~/api/types";
import { componentKind } from "~/features/workspaces/componentKind";
import { Button } from "~/ui/Button";
import { Notice } from "~/ui/Notice";
import { ManifestEditor } from "./ManifestEditor";
import css from "./ManifestForm.module.css";
import { type PlacedProblem, readManifest } from "./manifest";

interface ManifestFormProps {
  initial: string;
  /** Stores the manifest; a refusal with problems is shown at their lines. */
  store(manifest: Manifest): Promise<unknown>;
  verb: string;
}

/** Write a manifest, check it without storing, store it. */
export function ManifestForm({ initial, store, verb }: ManifestFormProps) {
  const check = useCheckManifest();
  const [text, setText] = useState(initial);
  const [problems, setProblems] = useState<PlacedProblem[]>([]);
  const [failure, setFailure] = useState<Error | null>(null);
  const [storing, setStoring] = useState(false);

  function edit(next: string) {
    setText(next);
    setProblems([]);
    setFailure(null);
    check.reset();
  }

  async function run(work: (manifest: Manifest) => Promise<unknown>) {
    setFailure(null);
    const read = readManifest(text);
    if (!read.ok) return setProblems(read.problems);
    try {
      await work(read.manifest);
      setProblems([]);
    } catch (error) {
      const fields = error instanceof ApiProblem ? error.fields : [];
      setProblems(read.place(fields));
      if (fields.length === 0) setFailure(error as Error);
    }
  }

  async function runCheck(manifest: Manifest) {
    const found = await check.mutateAsync(manifest);
    if (found.errors.length === 0) return;
    throw new ApiProblem({ status: 422, title: "The manifest has problems", errors: found.errors });
  }

  async function runStore(manifest: Manifest) {
    setStoring(true);
    try {
      await store(manifest);
    } finally {
      setStoring(false);
    }
  }

  return (
    <div className={css.form}>
      {failure && (
        <Notice tone="fail" title="Not stored">
          {failure.message}
        </Notice>
      )}
      <ManifestEditor text={text} onChange={edit} problems={problems} />
      {check.data && problems.length === 0 && <Verdict result={check.data} />}
      <div className={css.actions}>
        <Button look="primary" busy={storing} onClick={() => run(runStore)}>
          {verb}
        </Button>
        <Button busy={check.isPending} onClick={() => run(runCheck)}>
          Check
        </Button>
      </div>
    </div>
  );
}

function Verdict({ result }: { result: NonNullable<ReturnType<typeof useCheckManifest>["data"]> }) {
  return (
    <>
      <Notice tone="info" title="The manifest is right">
        {result.components
          .map(({ name, type }) => `${name} (${componentKind[type].label.toLowerCase()})`)
          .join(", ")}
        {result.parameters.length > 0 && `, asks for ${result.parameters.map(({ name }) => name).join(", ")}`}
      </Notice>
      {result.warnings.map((warning) => (
        <Notice key={`${warning.field} ${warning.message}`} tone="warn">
          <code>{warning.field}</code> {warning.message}
        </Notice>
      ))}
    </>
  );
}
