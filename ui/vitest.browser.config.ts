import { defineConfig } from "vitest/config";

// Tests in a real browser: one file after the other, because they share a computer.
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/browser/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
});
