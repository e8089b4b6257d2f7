import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { followEvents } from "~/api/live";
import { isSignedOut, session } from "~/api/session";
import type { StreamState } from "~/api/stream";

/** Holds the page's one live connection for as long as somebody is signed in. */
export function useLiveUpdates(): StreamState {
  const client = useQueryClient();
  const [state, setState] = useState<StreamState>("connecting");
  useEffect(() => {
    const leave = new AbortController();
    followEvents(client, leave.signal, setState).catch((error: unknown) => {
      if (isSignedOut(error)) session.drop();
    });
    return () => leave.abort();
  }, [client]);
  return state;
}
