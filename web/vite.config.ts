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
    server: server
      ? {
          proxy: Object.fromEntries(
            ["/api", "/readyz"].map((path) => [path, { target: server, changeOrigin: true }]),
          ),
        }
      : {},
    preview: { headers: { "content-security-policy": contentSecurityPolicy } },
    build: {
      target: "es2023",
      // A data: URL would need an exception in the content security policy.
      assetsInlineLimit: 0,
      // Some ten KiB for all pages: not worth a request with each, of which any that fails breaks the page.
      cssCodeSplit: false,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        // The building blocks as files, for pictures of them.
        ...(mode === "gallery" && { input: "gallery/index.html" }),
        output: {
          // A few chunks worth a request each, in place of dozens of crumbs: what never changes between
          // our releases, what several pages share, and each page by itself. `npm run size` watches the first one.
          codeSplitting: {
            groups: [
              {
                name: "vendor",
                test: /node_modules\/(react|react-dom|scheduler|use-sync-external-store|@tanstack)\//,
                priority: 5,
              },
              // What every page shows, with what everything that floats stands on.
              {
                name: "base",
                test: /(node_modules\/lucide-react\/dist\/esm\/icons\/check\.|node_modules\/@base-ui\/(utils|react\/(menu|tooltip|toast|button|csp-provider))\/|src\/ui\/(Button|Tooltip|Toasts|Menu)\b)/,
                priority: 4,
              },
              // What asks questions: the first page does not, so nothing of it may lie in what that page shares.
              {
                name: "forms",
                test: /(node_modules\/@base-ui\/react\/(select|field|fieldset|dialog|checkbox|checkbox-group|switch)\/|src\/ui\/(Checkbox|ConfirmDialog|Dialog|Field|PasswordField|Select|TextArea)\b)/,
                minShareCount: 3,
                priority: 3,
              },
              { name: "shared", minShareCount: 6, priority: 1 },
            ],
          },
        },
      },
    },
    test: { environment: "happy-dom", include: ["{src,gallery}/**/*.test.{ts,tsx}"], restoreMocks: true },
  };
});
