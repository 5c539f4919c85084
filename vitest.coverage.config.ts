import { defineConfig, mergeConfig } from "vitest/config";

import base from "./vitest.config.js";

/** The contract tests on instrumented contracts: each test file hands in what it reached. */
export default mergeConfig(
  base,
  defineConfig({ test: { setupFiles: ["test/support/coverage.ts"], testTimeout: 180_000 } }),
);
