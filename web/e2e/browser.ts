import { devices } from "@playwright/test";

/** The system's Chromium: nothing is downloaded for the tests. */
export const chromium = {
  ...devices["Desktop Chrome"],
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Containers and root sessions have no user namespace for the sandbox.
    args: ["--no-sandbox"],
  },
};
