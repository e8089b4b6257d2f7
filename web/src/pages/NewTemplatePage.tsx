import { useNavigate } from "@tanstack/react-router";
import { useCreateTemplate } from "~/api/templates";
import { exampleManifest } from "~/features/templates/exampleManifest";
import { ManifestForm } from "~/features/templates/ManifestForm";
import { templateName } from "~/features/templates/templateName";
import { useMembership } from "~/hooks/useMembership";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { PageHeader } from "~/ui/PageHeader";

export function NewTemplatePage() {
  useTitle("New template");
  const navigate = useNavigate();
  const { current } = useMembership();
  const create = useCreateTemplate(current?.slug ?? "");
  return (
    <>
      <PageHeader
        title="New template"
        lead={
          <p>A manifest in YAML or JSON. Its slug names the template; what it leaves out has a default.</p>
        }
      />
      <ManifestForm
        initial={exampleManifest}
        verb="Create template"
        store={async (manifest) => {
          const template = await create.mutateAsync({
            name: templateName(manifest),
            source: { kind: "manifest", manifest },
          });
          await navigate(paths.template(template.id));
        }}
      />
    </>
  );
}
