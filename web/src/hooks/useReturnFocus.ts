import { type RefObject, useEffect, useRef, useState } from "react";

/** Where the keyboard was before the first of several dialogs that follow each other. */
let origin: HTMLElement | null = null;

function whereFocusIs(): HTMLElement | null {
  const focused = document.activeElement;
  const inPage = focused instanceof HTMLElement && focused !== document.body;
  if (inPage && !focused.closest('[role="dialog"]')) origin = focused;
  return origin;
}

/** A dialog that is taken out of the page takes the focus with it: this gives it back to what opened the dialog. */
export function useReturnFocus(): RefObject<HTMLElement | null> {
  const [opener] = useState(whereFocusIs);
  useEffect(
    () => () => {
      // A dialog that follows at once has taken it already.
      setTimeout(() => {
        if (document.activeElement === document.body && opener?.isConnected) opener.focus();
      });
    },
    [opener],
  );
  return useRef(opener);
}
