import { devices } from "@playwright/test";

/** A library for the browser alone, see no-netlink.c. */
const preload = process.env.CHROMIUM_PRELOAD;

/** The system's Chromium: nothing is downloaded for the tests. */
export const chromium = {
  ...devices["Desktop Chrome"],
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Containers and root sessions have no user namespace for the sandbox.
    args: ["--no-sandbox"],
    ...(preload ? { env: { ...process.env, LD_PRELOAD: preload } as Record<string, string> } : {}),
  },
};
