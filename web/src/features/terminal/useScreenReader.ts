import { useState } from "react";

const STORAGE_KEY = "terminal-screen-reader";

/** Whether terminals of this browser tell a screen reader what they show, which takes them time. */
export function useScreenReader(): [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(stored);
  return [
    on,
    (wanted) => {
      try {
        if (wanted) localStorage.setItem(STORAGE_KEY, "on");
        else localStorage.removeItem(STORAGE_KEY);
      } catch {
        // Storage is blocked: the choice lasts for this page.
      }
      setOn(wanted);
    },
  ];
}

function stored(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) === "on";
  } catch {
    return false;
  }
}
