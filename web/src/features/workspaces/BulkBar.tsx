import { Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Workspace } from "~/api/types";
import { useDestroyWorkspace, useLifecycle } from "~/api/workspaces";
import type { Who } from "~/features/policy";
import { Button } from "~/ui/Button";
import { lazily } from "~/ui/lazily";
import { useToast } from "~/ui/Toasts";
import css from "./BulkBar.module.css";
import { type BulkVerb, forEach, leftOutWords, type Plan, planFor, planRefusal } from "./bulk";
import { verbs } from "./verbs";

const DestroyDialog = lazy(
  lazily(() => import("./DestroyDialog").then(({ DestroyDialog }) => ({ default: DestroyDialog }))),
);

interface BulkBarProps {
  selected: readonly Workspace[];
  all: readonly Workspace[];
  whoIn(orgId: string): Who;
  onSelect(workspaces: readonly Workspace[]): void;
}

/** What is done to all that are selected, by the rules that hold for each of them. */
export function BulkBar({ selected, all, whoIn, onSelect }: BulkBarProps) {
  const lifecycle = useLifecycle();
  const destroy = useDestroyWorkspace();
  const toast = useToast();
  const [busy, setBusy] = useState<BulkVerb>();
  const [asking, setAsking] = useState(false);
  const plan = {
    start: planFor("start", selected, whoIn),
    stop: planFor("stop", selected, whoIn),
    destroy: planFor("destroy", selected, whoIn),
  };

  async function run(verb: BulkVerb, done: string, act: (workspace: Workspace) => Promise<unknown>) {
    const { able, leftOut } = plan[verb];
    setBusy(verb);
    const failed = await forEach(able, act);
    setBusy(undefined);
    for (const { item, error } of failed) toast.fail(`${item.name}: ${verb} refused`, error);
    const count = able.length - failed.length;
    const rest =
      leftOut.length > 0 ? `Left as they are: ${leftOutWords({ able, leftOut }).join(", ")}.` : undefined;
    if (count > 0) toast.say(`${count === 1 ? "1 workspace is" : `${count} workspaces are`} ${done}`, rest);
  }

  const move = (verb: "start" | "stop", done: string) => (
    <BulkButton
      verb={verb}
      plan={plan[verb]}
      busy={busy === verb}
      blocked={busy !== undefined}
      onPress={() => void run(verb, done, (workspace) => lifecycle.mutateAsync({ verb, workspace }))}
    />
  );
  const everything = selected.length === all.length && all.length > 0;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a line that sticks
    <div role="group" aria-label="Selected workspaces" className={css.bar}>
      <p className={css.count} aria-live="polite">
        {selected.length} selected
      </p>
      <Button size="s" look="quiet" onClick={() => onSelect(everything ? [] : all)}>
        {everything ? "Select none" : "Select all shown"}
      </Button>
      <span className={css.actions}>
        {move("start", "starting")}
        {move("stop", "stopping")}
        <BulkButton
          verb="destroy"
          plan={plan.destroy}
          busy={busy === "destroy"}
          blocked={busy !== undefined}
          onPress={() => setAsking(true)}
        />
      </span>
      {asking && (
        <Suspense fallback={null}>
          <DestroyDialog
            names={plan.destroy.able.map(({ name }) => name)}
            leftOut={leftOutWords(plan.destroy)}
            busy={busy === "destroy"}
            onClose={() => setAsking(false)}
            onConfirm={async (keepVolumes) => {
              await run("destroy", "being destroyed", ({ id }) => destroy.mutateAsync({ id, keepVolumes }));
              setAsking(false);
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

const looks = { ...verbs, destroy: { label: "Destroy", icon: Trash2 } };

interface BulkButtonProps {
  verb: BulkVerb;
  plan: Plan;
  busy: boolean;
  blocked: boolean;
  onPress(): void;
}

function BulkButton({ verb, plan, busy, blocked, onPress }: BulkButtonProps) {
  const { label, icon } = looks[verb];
  const refusal = planRefusal(plan);
  const count = plan.able.length;
  return (
    <Button
      icon={icon}
      size="s"
      look={verb === "destroy" && !refusal ? "danger" : "plain"}
      busy={busy}
      disabled={blocked}
      refusal={refusal}
      onClick={onPress}
    >
      {refusal ? label : `${label} ${count}`}
    </Button>
  );
}
