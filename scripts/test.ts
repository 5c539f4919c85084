import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * All checks of the project, one after the other: build, lint, types, the contracts' own fuzz and invariant tests, then everything else.
 * Arguments are handed to vitest, so that `npm test -- test/contracts` runs a part. Ends with one line that counts what ran.
 */
interface Outcome {
  name: string;
  passed: number;
  failed: number;
  skipped: number;
}

async function run(command: string, args: string[]): Promise<{ code: number; output: string }> {
  console.log(`\n> ${command} ${args.join(" ")}`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      process.stdout.write(chunk);
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

async function step(command: string, args: string[]): Promise<void> {
  const { code } = await run(command, args);
  if (code !== 0) {
    console.error(`\n${command} ${args.join(" ")} failed with exit code ${code}`);
    process.exit(1);
  }
}

/** Hardhat prints "12 passing (3s)" and, when there are any, "1 failing". */
function countOf(output: string, word: "passing" | "failing"): number {
  let total = 0;
  for (const match of output.matchAll(new RegExp(`(\\d+) ${word}`, "g"))) total += Number(match[1]);
  return total;
}

async function solidityTests(): Promise<Outcome> {
  const { code, output } = await run("hardhat", ["test", "solidity"]);
  const failed = countOf(output, "failing");
  return {
    name: "Solidity (fuzz, invariants)",
    passed: countOf(output, "passing"),
    failed: code === 0 ? failed : Math.max(failed, 1),
    skipped: 0,
  };
}

interface VitestReport {
  testResults: { name: string; assertionResults: { status: string }[]; status: string }[];
}

async function vitestTests(args: string[]): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), "carbon-ledger-test-"));
  const reportFile = join(folder, "vitest.json");
  const { code } = await run("vitest", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${reportFile}`,
    ...args,
  ]);
  const report = JSON.parse(await readFile(reportFile, "utf8")) as VitestReport;
  await rm(folder, { recursive: true });
  const groups = new Map<string, Outcome>();
  for (const file of report.testResults) {
    const name = /\/test\/([^/]+)\//.exec(file.name)?.[1] ?? "other";
    const group = groups.get(name) ?? { name, passed: 0, failed: 0, skipped: 0 };
    groups.set(name, group);
    for (const { status } of file.assertionResults) {
      // Left out where what they need is not there: the data files of the registries are not part of the project.
      if (status === "skipped" || status === "pending") group.skipped += 1;
      else if (status === "passed") group.passed += 1;
      else group.failed += 1;
    }
    // A file that fails to load has no assertions, and must still count.
    if (file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed")) group.failed += 1;
  }
  const outcomes = [...groups.values()].sort((a, b) => a.name.localeCompare(b.name));
  if (code !== 0 && outcomes.every(({ failed }) => failed === 0))
    outcomes.push({ name: "vitest itself", passed: 0, failed: 1, skipped: 0 });
  return outcomes;
}

function countsOf({ passed, failed, skipped }: Outcome): string {
  const counts = `${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed`;
  return skipped === 0 ? counts : `${counts} ${String(skipped).padStart(4)} skipped`;
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  await step("hardhat", ["build"]);
  if (args.length === 0) {
    await step("npm", ["run", "--silent", "lint"]);
    await step("npm", ["run", "--silent", "typecheck"]);
  }
  const outcomes = args.length === 0 ? [await solidityTests()] : [];
  outcomes.push(...(await vitestTests(args)));
  console.log("");
  const total = { name: "all together", passed: 0, failed: 0, skipped: 0 };
  for (const outcome of outcomes) {
    console.log(`${outcome.name.padEnd(30)} ${countsOf(outcome)}`);
    total.passed += outcome.passed;
    total.failed += outcome.failed;
    total.skipped += outcome.skipped;
  }
  const { passed, failed, skipped } = total;
  console.log(`\n${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

await main();
