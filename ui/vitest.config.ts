import { defineConfig } from "vitest/config";

// Apart from vite.config.ts: a build needs no packages of tests.
export default defineConfig({
  define: { __DEVELOPMENT__: "true" },
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  css: { modules: { localsConvention: "camelCaseOnly" } },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    setupFiles: ["./tests/setup.ts"],
  },
});
