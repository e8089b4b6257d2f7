import { useQuery } from "@tanstack/react-query";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Variable } from "~/api/types";
import { useDeleteVariable, type VariableScope, variableQueries } from "~/api/variables";
import { Loaded } from "~/features/Loaded";
import { Refused } from "~/features/Refused";
import { ActionMenu } from "~/ui/ActionMenu";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { ConfirmDialog } from "~/ui/ConfirmDialog";
import { Empty } from "~/ui/Empty";
import { RelativeTime } from "~/ui/RelativeTime";
import { Section } from "~/ui/Section";
import table from "~/ui/Table.module.css";
import { VariableDialog } from "./VariableDialog";
import css from "./VariableSection.module.css";

interface VariableSectionProps {
  scope: VariableScope;
  note: string;
  /** Why the person may not change them, if so. */
  refusal?: string | undefined;
  /** What they are good for, while there are none. */
  children: ReactNode;
  /** What else can be done with them. */
  action?: ReactNode;
}

/** Names and values that workspaces get into their environment. */
export function VariableSection({ scope, note, refusal, children, action }: VariableSectionProps) {
  const query = useQuery(variableQueries.of(scope));
  const [writing, setWriting] = useState<Variable | "new" | null>(null);
  const [leaving, setLeaving] = useState<Variable | null>(null);
  return (
    <Section
      title="Variables"
      note={note}
      bare
      actions={
        <>
          {action}
          <Button icon={Plus} size="s" refusal={refusal} onClick={() => setWriting("new")}>
            New variable
          </Button>
        </>
      }
    >
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No variables yet">{children}</Empty>
          ) : (
            <VariableTable variables={items} refusal={refusal} onWrite={setWriting} onDelete={setLeaving} />
          )
        }
      </Loaded>
      {writing && (
        <VariableDialog
          scope={scope}
          known={writing === "new" ? null : writing}
          taken={new Set(query.data?.items.map(({ name }) => name))}
          onClose={() => setWriting(null)}
        />
      )}
      {leaving && <DeleteVariableDialog scope={scope} variable={leaving} onClose={() => setLeaving(null)} />}
    </Section>
  );
}

interface VariableTableProps {
  variables: readonly Variable[];
  refusal: string | undefined;
  onWrite(variable: Variable): void;
  onDelete(variable: Variable): void;
}

function VariableTable({ variables, refusal, onWrite, onDelete }: VariableTableProps) {
  return (
    <div className={table.frame}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Value</th>
            <th scope="col" className={table.wideOnly}>
              Changed
            </th>
            <th scope="col" className={table.end}>
              <span className={table.unseen}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {variables.map((variable) => (
            <tr key={variable.name}>
              <td>
                <code className={css.name}>{variable.name}</code>
              </td>
              <td>
                {variable.secret ? (
                  <Badge>Secret</Badge>
                ) : (
                  <code className={css.value}>{variable.value}</code>
                )}
              </td>
              <td className={table.wideOnly}>
                <RelativeTime at={variable.updated_at} />
              </td>
              <td className={table.end}>
                <ActionMenu
                  label={`Actions for ${variable.name}`}
                  actions={[
                    { label: "Change", icon: Pencil, refusal, onSelect: () => onWrite(variable) },
                    {
                      label: "Delete",
                      icon: Trash2,
                      tone: "danger",
                      refusal,
                      onSelect: () => onDelete(variable),
                    },
                  ]}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface DeleteVariableDialogProps {
  scope: VariableScope;
  variable: Variable;
  onClose(): void;
}

function DeleteVariableDialog({ scope, variable, onClose }: DeleteVariableDialogProps) {
  const remove = useDeleteVariable(scope);
  return (
    <ConfirmDialog
      title={`Delete ${variable.name}?`}
      verb="Delete variable"
      busy={remove.isPending}
      onClose={onClose}
      onConfirm={() => remove.mutate(variable.name, { onSuccess: onClose })}
    >
      <p>Workspaces that have it keep it until they are updated.</p>
      <Refused title="Not deleted" error={remove.error} />
    </ConfirmDialog>
  );
}
