import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";

import hre from "hardhat";
import { markTestRunDone, markTestRunStart } from "hardhat/internal/coverage";

/**
 * Line coverage of the contracts by their own tests: builds them instrumented, runs the tests, prints the table, and fails below the
 * threshold. Afterwards the plain build is put back. Expects HARDHAT_COVERAGE=true (`npm run coverage` sets it).
 */
const THRESHOLD_PERCENT = 95;
const RUN_ID = "vitest";
const SUITES = ["test/contracts", "test/invariants"];

async function run(command: string, args: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** Sums the "lines found" and "lines hit" records of the LCOV file that Hardhat writes. */
async function coveredLines(): Promise<{ found: number; hit: number }> {
  const lcov = await readFile("coverage/lcov.info", "utf8");
  const sum = (record: string) =>
    [...lcov.matchAll(new RegExp(`^${record}:(\\d+)$`, "gm"))].reduce((total, match) => total + Number(match[1]), 0);
  return { found: sum("LF"), hit: sum("LH") };
}

/** The tests on the instrumented build, which is in the place of the plain one meanwhile. @returns vitest's exit code */
async function instrumentedTests(): Promise<number> {
  try {
    await hre.tasks.getTask("build").run({ force: true, quiet: true });
    return await run("vitest", ["run", "--config", "vitest.coverage.config.ts", ...SUITES]);
  } finally {
    const { HARDHAT_COVERAGE: _, ...plain } = process.env;
    await run("hardhat", ["build", "--force", "--quiet"], plain);
  }
}

async function main(): Promise<number> {
  if (!hre.globalOptions.coverage) throw new Error("Run it with HARDHAT_COVERAGE=true, or as `npm run coverage`.");
  await markTestRunStart(RUN_ID);
  const code = await instrumentedTests();
  if (code !== 0) return code;
  await markTestRunDone(RUN_ID);

  const { found, hit } = await coveredLines();
  const percent = (100 * hit) / found;
  console.log(
    `Contracts: ${hit} of ${found} lines covered, ${percent.toFixed(2)} % (at least ${THRESHOLD_PERCENT} % wanted)`,
  );
  return percent >= THRESHOLD_PERCENT ? 0 : 1;
}

process.exit(await main());
