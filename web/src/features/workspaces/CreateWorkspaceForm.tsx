import { useNavigate } from "@tanstack/react-router";
import { Dices } from "lucide-react";
import { type FormEvent, lazy, Suspense, useState } from "react";
import { ApiProblem } from "~/api/problem";
import type { Membership, Template } from "~/api/types";
import { useCreateWorkspace } from "~/api/workspaces";
import { QuotaLeft } from "~/features/orgs/QuotaLeft";
import { forbidden, type Who } from "~/features/policy";
import { ParameterField } from "~/features/templates/ParameterField";
import { draftOf, parameterProblem, valuesOf } from "~/features/templates/parameters";
import { useIdempotencyKey } from "~/hooks/useIdempotencyKey";
import { paths } from "~/paths";
import { Button, IconButton } from "~/ui/Button";
import { TextField } from "~/ui/Field";
import { lazily } from "~/ui/lazily";
import { Notice } from "~/ui/Notice";
import { Section } from "~/ui/Section";
import css from "./CreateWorkspaceForm.module.css";
import { nameProblem, suggestName } from "./naming";
import { VariableRows } from "./VariableRows";
import { draftProblem, type VariableDraft, variablesOf } from "./variableDrafts";
import { WhatWillBeMade } from "./WhatWillBeMade";

const Readme = lazy(
  lazily(() => import("~/features/templates/Readme").then(({ Readme }) => ({ default: Readme }))),
);

interface CreateWorkspaceFormProps {
  template: Template;
  organization: Membership;
  who: Who;
  /** Names that are in use, so that none of them is suggested. */
  taken: ReadonlySet<string>;
}

export function CreateWorkspaceForm({ template, organization, who, taken }: CreateWorkspaceFormProps) {
  const navigate = useNavigate();
  const create = useCreateWorkspace(organization.slug);
  const keyFor = useIdempotencyKey();
  const [name, setName] = useState(() => suggestName(taken));
  const [draft, setDraft] = useState(() => draftOf(template.parameters));
  const [variables, setVariables] = useState<readonly VariableDraft[]>([]);
  const [judged, setJudged] = useState(false);
  const refused = create.error instanceof ApiProblem ? create.error : null;

  const problems = Object.fromEntries(
    template.parameters.map((parameter) => [
      parameter.name,
      (judged && parameterProblem(parameter, draft[parameter.name])) ||
        refused?.field(`parameters.${parameter.name}`) ||
        refused?.field(`parameters/${parameter.name}`),
    ]),
  );

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setJudged(true);
    showFirstProblem(event.currentTarget);
    const wrong = template.parameters.some((each) => parameterProblem(each, draft[each.name]));
    if (wrong || nameProblem(name) || variables.some((each) => draftProblem(each, variables))) return;
    const request = {
      name,
      template_id: template.id,
      parameters: valuesOf(template.parameters, draft),
      variables: variablesOf(variables),
    };
    create.mutate(
      { request, idempotencyKey: keyFor(request) },
      { onSuccess: (workspace) => navigate(paths.workspace(workspace.id)) },
    );
  }

  return (
    <form className={css.columns} onSubmit={submit} noValidate>
      <div className={css.main}>
        {create.error && (
          <div className={css.refused}>
            <Notice tone="fail" title="Not created">
              {create.error.message}
            </Notice>
          </div>
        )}
        <div className={css.fields}>
          <TextField
            label="Name"
            name="name"
            mono
            autoComplete="off"
            spellCheck={false}
            autoCapitalize="none"
            value={name}
            onValueChange={setName}
            problem={name === "" && !judged ? undefined : (nameProblem(name) ?? refused?.field("name"))}
            hint="Part of its host name, so lower-case letters, digits and hyphens."
            after={
              <IconButton
                icon={Dices}
                label="Suggest another name"
                size="s"
                onClick={() => setName(suggestName(taken))}
              />
            }
          />
          {template.parameters.map((parameter) => (
            <ParameterField
              key={parameter.name}
              parameter={parameter}
              value={draft[parameter.name] ?? ""}
              onChange={(value) => setDraft({ ...draft, [parameter.name]: value })}
              problem={problems[parameter.name]}
            />
          ))}
          <VariableRows
            drafts={variables}
            onChange={setVariables}
            problemOf={(each) =>
              ((judged || each.name !== "") && draftProblem(each, variables)) ||
              refused?.field(`variables.${each.name}`)
            }
          />
        </div>
        <div className={css.submit}>
          <Button
            type="submit"
            look="primary"
            busy={create.isPending}
            refusal={forbidden("createWorkspace", who)}
          >
            Create workspace
          </Button>
          <span className={css.where}>in {organization.name}</span>
        </div>
        {template.readme && (
          <Section title="About this template">
            <Suspense fallback={<p>Loading its words.</p>}>
              <Readme text={template.readme} />
            </Suspense>
          </Section>
        )}
      </div>
      <aside>
        <Section title="What will be made">
          <WhatWillBeMade template={template} name={name} />
        </Section>
        <QuotaLeft org={organization.slug} />
      </aside>
    </form>
  );
}

/** After the problems are drawn, the first of them gets the cursor. */
function showFirstProblem(form: HTMLFormElement) {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
