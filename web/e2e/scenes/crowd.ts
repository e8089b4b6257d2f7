import { expect, type Page } from "@playwright/test";
import { CROWD_PORT } from "../ports.ts";
import type { Scenes } from "./scene.ts";

/** Of the two hundred that the mock makes with MOCK_CROWD, and those it always has. */
const FIRST_PAGE = 100;
const ALL = 206;

const home = `http://localhost:${CROWD_PORT}/`;
const stars = (page: Page) => page.getByRole("main").getByRole("button", { name: /^Star / });

/** Two hundred workspaces: a few letters leave a few, and all of them can be had in one list. */
export const crowdScenes = {
  crowd: async (page: Page) => {
    await page.goto(home);
    await expect(stars(page)).toHaveCount(FIRST_PAGE);
    const search = page.getByRole("searchbox", { name: "Search workspaces" });
    await search.fill("crowd-19");
    await expect(stars(page)).toHaveCount(11);
    await search.fill("");
    await expect(stars(page)).toHaveCount(FIRST_PAGE);
  },
  "crowd-table": async (page: Page) => {
    await page.goto(`${home}?view=table`);
    await expect(stars(page)).toHaveCount(FIRST_PAGE);
    await page.getByRole("button", { name: "Show more" }).click();
    await expect(stars(page)).toHaveCount(2 * FIRST_PAGE);
    await page.getByRole("button", { name: "Show more" }).click();
    await expect(stars(page)).toHaveCount(ALL);
    await page.getByRole("searchbox", { name: "Search workspaces" }).fill("crowd-19");
    await expect(stars(page)).toHaveCount(11);
  },
} satisfies Scenes;
