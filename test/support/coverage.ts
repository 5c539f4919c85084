import { markTestWorkerDone } from "hardhat/internal/coverage";
import { afterAll } from "vitest";

/** Must equal the id in scripts/coverage.ts. */
const RUN_ID = "vitest";

afterAll(async () => {
  await markTestWorkerDone(RUN_ID);
});
