import { configDefaults, defineConfig, mergeConfig } from "vitest/config";

import base from "./vitest.config.js";

/**
 * The contract tests on instrumented contracts: each test file hands in what it reached. Not the tests of gas, which instrumentation
 * changes, nor the random comparison of block lists, which reaches nothing that the others do not and takes longer than all of them.
 */
export default mergeConfig(
  base,
  defineConfig({
    test: {
      setupFiles: ["test/support/coverage.ts"],
      exclude: [...configDefaults.exclude, "**/gas.test.ts", "test/contracts/units/model.test.ts"],
      testTimeout: 180_000,
    },
  }),
);
