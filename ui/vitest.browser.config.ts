import { defineConfig } from "vitest/config";

// Tests in a real browser: one file after the other, because they share a computer.
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/browser/**/*.test.ts"],
    fileParallelism: false,
    // How long is waited for what does not come, on a computer that does much else. What comes is not waited for.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
