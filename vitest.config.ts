import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks", // a process a file: a trap, a stuck kernel or a leaked worker stays in its own
    testTimeout: 60_000,
  },
});
