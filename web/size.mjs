import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { chromium } from "@playwright/test";
import { preview } from "vite";

/**
 * What a browser loads before the first page stands: scripts, styles, fonts, all else but the answers of the API, as it
 * goes over the wire. Of dist/ as it is, so build first.
 */
const BUDGET_KIB = 250;

/** Packed already. */
const PACKED = /\.(woff2|png)$/;

const firstPages = [
  { address: "/sign-in", signedIn: false, stands: (page) => page.getByLabel("Username or email") },
  { address: "/", signedIn: true, stands: (page) => page.getByRole("link", { name: "dev-box" }) },
];

async function load(browser, origin, { address, signedIn, stands }) {
  const context = await browser.newContext();
  if (signedIn) await context.addCookies([{ name: "mock", value: "1", url: `${origin}/api/v1/auth` }]);
  const page = await context.newPage();
  const loading = [];
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (!pathname.startsWith("/api/")) loading.push(response.body().then((body) => fileOf(pathname, body)));
  });
  await page.goto(origin + address);
  await stands(page).first().waitFor();
  await page.evaluate(() => document.fonts.ready);
  const files = await Promise.all(loading);
  await context.close();
  return files;
}

function fileOf(pathname, body) {
  return { pathname, bytes: PACKED.test(pathname) ? body.length : gzipSync(body).length };
}

/** Words of the gallery, which is for development alone. */
const GALLERY = /Building blocks|in every state/;

function filesOfGallery() {
  const files = readdirSync("dist", { recursive: true }).filter((file) => /\.(js|html)$/.test(file));
  return files.filter((file) => GALLERY.test(readFileSync(`dist/${file}`, "utf8")));
}

const kib = (bytes) => (bytes / 1024).toFixed(1).padStart(7);

function report(address, files) {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const over = total > BUDGET_KIB * 1024;
  const lines = [
    `${address}:${kib(total)} KiB of ${BUDGET_KIB}${over ? ", too much" : ""}`,
    ...files.toSorted((a, b) => b.bytes - a.bytes).map(({ pathname, bytes }) => `${kib(bytes)} ${pathname}`),
  ];
  process.stdout.write(`${lines.join("\n")}\n\n`);
  return over;
}

for (const file of filesOfGallery()) {
  process.stdout.write(`dist/${file} has the gallery in it\n`);
  process.exitCode = 1;
}

const server = await preview({ logLevel: "warn", preview: { port: 4180 } });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  const origin = server.resolvedUrls.local[0].replace(/\/$/, "");
  for (const first of firstPages) {
    if (report(first.address, await load(browser, origin, first))) process.exitCode = 1;
  }
} finally {
  await browser.close();
  await server.close();
}
