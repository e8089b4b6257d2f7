import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { Empty } from "~/ui/Empty";
import { Failure } from "~/ui/Failure";
import { Keys } from "~/ui/Keys";
import { Mark } from "~/ui/Mark";
import { Notice } from "~/ui/Notice";
import { RelativeTime } from "~/ui/RelativeTime";
import { Skeleton } from "~/ui/Skeleton";
import { Status } from "~/ui/Status";
import { Specimen, Specimens } from "./Specimens";

const badges = ["rest", "accent", "warn", "fail"] as const;
const states = ["run", "move", "rest", "fail", "warn"] as const;
const notices = ["info", "warn", "fail"] as const;
const bones = ["line", "title", "door", "box", "button"] as const;

const MINUTE_MS = 60_000;

export function Words() {
  return (
    <Specimens title="Words and states">
      <Specimen name="Status">
        {states.map((tone) => (
          <Status key={tone} tone={tone} label={tone} />
        ))}
      </Specimen>
      <Specimen name="Badge">
        {badges.map((tone) => (
          <Badge key={tone} tone={tone}>
            {tone}
          </Badge>
        ))}
      </Specimen>
      <Specimen name="Notice" columns>
        {notices.map((tone) => (
          <Notice
            key={tone}
            tone={tone}
            title={`Something is ${tone}`}
            action={<Button size="s">Look</Button>}
          >
            A sentence that says what to do about it.
          </Notice>
        ))}
        <Notice tone="info">Without a title.</Notice>
      </Specimen>
      <Specimen name="Empty, Failure" columns>
        <Empty title="No workspaces yet" action={<Button look="primary">Choose from the catalog</Button>}>
          Pick a template, press one button, and its door opens here.
        </Empty>
        <Failure
          title="The server failed"
          detail="The database does not answer. It is tried again by itself."
          requestId="01JD4W8Q7M5X"
          onRetry={() => undefined}
        />
      </Specimen>
      <Specimen name="Skeleton" columns>
        {bones.map((shape) => (
          <Skeleton key={shape} shape={shape} />
        ))}
      </Specimen>
      <Specimen name="Keys, RelativeTime, Mark">
        <Keys caps={["Ctrl", "K"]} always />
        <Keys caps={["g", "h"]} always />
        <RelativeTime at={new Date(Date.now() - 5 * MINUTE_MS).toISOString()} />
        <Mark size={18} />
        <Mark size={32} />
      </Specimen>
    </Specimens>
  );
}
