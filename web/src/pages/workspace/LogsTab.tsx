import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { containerLogsPath, workspaceQueries } from "~/api/workspaces";
import { failureOf } from "~/features/failure";
import { useLogStream } from "~/hooks/useLogStream";
import { useWorkspace } from "~/hooks/useWorkspace";
import { Failure } from "~/ui/Failure";
import { LogView } from "~/ui/LogView";
import { Select } from "~/ui/Select";
import css from "./LogsTab.module.css";

const ALL = "";

export function LogsTab() {
  const workspace = useWorkspace();
  const { component = ALL } = useSearch({ from: "/app/workspaces/$id/logs" });
  const navigate = useNavigate({ from: "/workspaces/$id/logs" });
  return (
    <>
      <div className={css.bar}>
        <Select
          label="Component"
          small
          value={component}
          onChange={(next) => navigate({ search: next ? { component: next } : {}, replace: true })}
          options={[
            { value: ALL, label: "All components" },
            ...workspace.components.map(({ name }) => ({ value: name, label: name })),
          ]}
        />
      </div>
      {/* A workspace that starts or stops begins a log of its own. */}
      <ContainerLog
        key={`${component} ${workspace.status === "running"}`}
        workspaceId={workspace.id}
        component={component || undefined}
        name={component || workspace.name}
      />
    </>
  );
}

interface ContainerLogProps {
  workspaceId: string;
  component: string | undefined;
  name: string;
}

function ContainerLog({ workspaceId, component, name }: ContainerLogProps) {
  const client = useQueryClient();
  const log = useLogStream({
    path: containerLogsPath(workspaceId, component),
    resumes: false,
    finished: () => client.getQueryData(workspaceQueries.one(workspaceId).queryKey)?.status !== "running",
  });
  if (log.error) return <Failure {...failureOf(log.error)} />;
  return (
    <LogView
      tall
      label={`Log of ${name}`}
      lines={log.lines}
      silence={log.state === "connecting" ? "Connecting to the log." : "Nothing written yet."}
    />
  );
}
