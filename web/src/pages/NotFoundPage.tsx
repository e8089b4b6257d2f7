import { Link } from "@tanstack/react-router";
import { useTitle } from "~/hooks/useTitle";
import { paths } from "~/paths";
import { Button } from "~/ui/Button";
import { Empty } from "~/ui/Empty";

export function NotFoundPage() {
  useTitle("Not found");
  return (
    <Empty
      page
      title="No door here"
      action={<Button render={<Link {...paths.home()} />}>Go to my workspaces</Button>}
    >
      The address leads nowhere. It may have been mistyped, or what it named was removed.
    </Empty>
  );
}
