import { useQuery } from "@tanstack/react-query";
import { templateQueries, useActivateVersion } from "~/api/templates";
import { failureOf } from "~/features/failure";
import { Button } from "~/ui/Button";
import { Failure } from "~/ui/Failure";
import { RelativeTime } from "~/ui/RelativeTime";
import { Skeleton } from "~/ui/Skeleton";
import { Status } from "~/ui/Status";
import table from "~/ui/Table.module.css";
import { useToast } from "~/ui/Toasts";

interface VersionTableProps {
  templateId: string;
  /** Why the person may not activate a version, if so. */
  refusal: string | undefined;
}

export function VersionTable({ templateId, refusal }: VersionTableProps) {
  const query = useQuery(templateQueries.versions(templateId));
  const activate = useActivateVersion(templateId);
  const toast = useToast();
  if (query.isPending) return <Skeleton shape="box" />;
  if (!query.data) return <Failure {...failureOf(query.error)} onRetry={() => query.refetch()} />;
  const versions = query.data.items.toSorted((a, b) => b.number - a.number);
  return (
    <div className={table.frame}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">Published</th>
            <th scope="col" className={table.wideOnly}>
              Source
            </th>
            <th scope="col" className={table.end}>
              <span className={table.unseen}>State</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {versions.map((version) => (
            <tr key={version.id}>
              <td>
                <code>v{version.number}</code> {version.message}
              </td>
              <td>
                <RelativeTime at={version.created_at} />
              </td>
              <td className={table.wideOnly}>{version.source_kind}</td>
              <td className={table.end}>
                {version.active ? (
                  <Status tone="run" label="Active" />
                ) : (
                  <Button
                    size="s"
                    refusal={refusal}
                    busy={activate.isPending && activate.variables === version.number}
                    aria-label={`Activate version ${version.number}`}
                    onClick={() =>
                      activate.mutate(version.number, {
                        onError: (error) => toast.fail("Not activated", error),
                      })
                    }
                  >
                    Activate
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
