import { defineConfig } from "vitest/config";

/** The control API that `npm run dev` talks to: a run of an app, or dev/server.mjs. */
const api = process.env.FAIRLEAD_API ?? "http://127.0.0.1:18900";

export default defineConfig({
  base: "/",
  build: {
    outDir: "../src/fairlead/dashboard/page",
    emptyOutDir: true,
    target: ["chrome120", "firefox121", "safari17.2"],
    // The page's Content-Security-Policy allows files of its own only, no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // How long plugins take is nothing that `make setup` has to tell.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { proxy: { "/api": { target: api, changeOrigin: true } } },
  test: { environment: "node", include: ["src/**/*.test.ts"], setupFiles: ["src/testing/setup.ts"] },
});
