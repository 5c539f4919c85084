import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // Hardhat imports its configuration itself, past vitest: tsx reads the TypeScript that the configuration imports.
    execArgv: ["--import", "tsx"],
    maxWorkers: 2,
    // Loading the service and starting a database take longer than most tests: files of a worker share both. A test leaves nothing behind.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
