import { defineConfig } from "vitest/config";

// Measurements: one after the other, on a machine that does nothing else.
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/bench/**/*.bench.ts"],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 180_000,
  },
});
