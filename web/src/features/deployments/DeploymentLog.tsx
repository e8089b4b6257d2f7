import { deploymentLogsPath } from "~/api/deployments";
import { failureOf } from "~/features/failure";
import { useLogStream } from "~/hooks/useLogStream";
import { LogView } from "~/ui/LogView";
import { Notice } from "~/ui/Notice";

export function DeploymentLog({ id }: { id: string }) {
  // The server says "end" after the last line; a stream closed without it is taken up again.
  const log = useLogStream({ path: deploymentLogsPath(id), resumes: true, finished: () => false });
  if (log.error) {
    return (
      <Notice tone="fail" title="The log cannot be read">
        {failureOf(log.error).detail}
      </Notice>
    );
  }
  return (
    <LogView
      label="Deployment log"
      lines={log.lines}
      silence={log.state === "ended" ? "This deployment wrote nothing." : "Waiting for the first line."}
    />
  );
}
