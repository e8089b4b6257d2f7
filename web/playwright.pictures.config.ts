import { defineConfig } from "@playwright/test";
import screens from "./playwright.screens.config.ts";

/** The pictures of the README, into docs/images. */
export default defineConfig({ ...screens, testMatch: "pictures.ts" });
