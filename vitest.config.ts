import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // Hardhat imports its configuration itself, past vitest: tsx reads the TypeScript that the configuration imports.
    execArgv: ["--import", "tsx"],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
