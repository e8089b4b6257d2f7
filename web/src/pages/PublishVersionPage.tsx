import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { stringify } from "yaml";
import { templateQueries, usePublishVersion } from "~/api/templates";
import { failureOf } from "~/features/failure";
import { ManifestForm } from "~/features/templates/ManifestForm";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Failure } from "~/ui/Failure";
import { PageHeader } from "~/ui/PageHeader";
import { Skeleton } from "~/ui/Skeleton";
import { useToast } from "~/ui/Toasts";

export function PublishVersionPage() {
  useTitle("New version");
  const { id } = useParams({ from: "/app/templates/$id/publish" });
  const navigate = useNavigate();
  const toast = useToast();
  const query = useQuery(templateQueries.versions(id));
  const publish = usePublishVersion(id);
  const newest = query.data?.items.toSorted((a, b) => b.number - a.number)[0];
  return (
    <>
      <PageHeader
        title="New version"
        lead={<p>Begins with the newest version. Workspaces keep theirs until they are updated.</p>}
      />
      {query.isPending && <Skeleton shape="box" />}
      {query.isError && !query.data && (
        <Failure {...failureOf(query.error)} onRetry={() => query.refetch()} />
      )}
      {newest && (
        <ManifestForm
          initial={stringify(newest.manifest)}
          verb="Publish version"
          store={async (manifest) => {
            const version = await publish.mutateAsync(manifest);
            toast.say(`Version ${version.number} is published`);
            await navigate(paths.template(id));
          }}
        />
      )}
    </>
  );
}
