import { useQueries } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { templateQueries } from "~/api/templates";
import type { Template } from "~/api/types";
import { failureOf } from "~/features/failure";
import {
  TemplateCard,
  TemplateGrid,
  TemplateGridSkeleton,
  templateTitle,
} from "~/features/templates/TemplateCard";
import { useMembership } from "~/hooks/useMembership";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { PageHeader } from "~/ui/PageHeader";
import { SearchBox } from "~/ui/SearchBox";
import css from "./CatalogPage.module.css";

/** What workspaces can be made from: the organization's own templates first, then those of the house. */
export function CatalogPage() {
  useTitle("Catalog");
  const { q = "", tag } = useSearch({ from: "/app/catalog" });
  const navigate = useNavigate({ from: "/catalog" });
  const { current } = useMembership();
  const [own, shared] = useQueries({
    queries: [templateQueries.ofOrg(current?.slug ?? ""), templateQueries.catalog()],
  });
  const failed = own.error ?? shared.error;
  const all = own.data && shared.data && [...own.data.items, ...shared.data.items].filter(usable);
  const tags = [...new Set(all?.flatMap((template) => template.tags))].sort();

  return (
    <>
      <PageHeader title="Catalog" lead={<p>Choose what to work in. Everything else is a default.</p>} />
      <div className={css.bar}>
        <SearchBox
          label="Search templates"
          value={q}
          onChange={(value) =>
            navigate({ search: (old) => ({ ...old, q: value || undefined }), replace: true })
          }
        />
        <fieldset className={css.tags} aria-label="Tags">
          {tags.map((name) => (
            <button
              key={name}
              type="button"
              className={css.tag}
              aria-pressed={name === tag}
              onClick={() =>
                navigate({
                  search: (old) => ({ ...old, tag: name === tag ? undefined : name }),
                  replace: true,
                })
              }
            >
              {name}
            </button>
          ))}
        </fieldset>
      </div>
      {failed && !all && (
        <Failure
          {...failureOf(failed)}
          onRetry={() => {
            void own.refetch();
            void shared.refetch();
          }}
        />
      )}
      {!all && !failed && <TemplateGridSkeleton />}
      {all && (
        <Shelf templates={all.filter((template) => matches(template, q, tag))} anything={all.length > 0} />
      )}
    </>
  );
}

function Shelf({ templates, anything }: { templates: Template[]; anything: boolean }) {
  if (!anything) {
    return (
      <Empty
        title="The catalog is empty"
        action={<Button render={<Link {...paths.newTemplate()} />}>Write a template</Button>}
      >
        The installation ships templates; an administrator can bring them back with a sync.
      </Empty>
    );
  }
  if (templates.length === 0) return <Empty title="Nothing matches">Try fewer words, or another tag.</Empty>;
  return (
    <TemplateGrid>
      {templates.map((template) => (
        <TemplateCard key={template.id} template={template} to={paths.newWorkspace(template.id)} />
      ))}
    </TemplateGrid>
  );
}

function usable(template: Template): boolean {
  return template.active_version !== null;
}

function matches(template: Template, q: string, tag: string | undefined): boolean {
  if (tag && !template.tags.includes(tag)) return false;
  const text = [template.name, templateTitle(template), template.description, ...template.tags].join(" ");
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.toLowerCase().includes(word));
}
