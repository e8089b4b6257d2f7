import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";
import { mockServer } from "./mock/plugin.ts";

/** What the server sends with the page; the preview sends it too, so that a violation shows before release. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, process.cwd(), "DEVSANCTUM_");
  const server = env.DEVSANCTUM_URL;
  return {
    plugins: [react(), ...(server ? [] : [mockServer()])],
    resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
    server: server ? { proxy: { "/api": { target: server, changeOrigin: true } } } : {},
    preview: { headers: { "content-security-policy": contentSecurityPolicy } },
    build: {
      target: "es2023",
      // A data: URL would need an exception in the content security policy.
      assetsInlineLimit: 0,
      // Some ten KiB for all pages: not worth a request with each, of which any that fails breaks the page.
      cssCodeSplit: false,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        output: {
          // A few chunks worth a request each, in place of dozens of crumbs: what never changes between
          // our releases, what several pages share, and each page by itself.
          codeSplitting: {
            groups: [
              { name: "vendor", test: /node_modules\/(react|react-dom|scheduler|@tanstack)\//, priority: 2 },
              { name: "shared", minShareCount: 6, priority: 1 },
            ],
          },
        },
      },
    },
    test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
  };
});
