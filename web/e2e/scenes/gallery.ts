import { GALLERY_PORT } from "../ports.ts";
import type { Scenes } from "./scene.ts";

const gallery = `http://localhost:${GALLERY_PORT}/gallery/`;

export const galleryScenes: Scenes = {
  gallery: async (page) => {
    await page.goto(gallery);
    await page.getByRole("heading", { level: 1, name: "Building blocks" }).waitFor();
  },
};
