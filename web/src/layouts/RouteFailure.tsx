import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { failureOf } from "~/features/failure";
import { Failure } from "~/ui/Failure";

/** A page that could not be shown at all. */
export function RouteFailure({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <Failure
      page
      {...failureOf(error)}
      onRetry={() => {
        reset();
        void router.invalidate();
      }}
    />
  );
}
