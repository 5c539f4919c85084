import { InvalidArgumentError } from "commander";

import { ask } from "./api.js";
import {
  checkSignatures,
  compareCheckpoints,
  readSeen,
  type Finding,
  type SeenCheckpoint,
} from "./checkpoint-check.js";
import { readInput, readTrustFile, TRUST_FILE, writeOutput } from "./files.js";
import { CliError, type Io, type Register } from "./io.js";

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly trust: string;
  readonly known?: string;
  readonly save?: string;
}

/** `carbon checkpoints`: does the service still stand by what it said before? */
export const registerCheckpoints: Register = (program, io) => {
  program
    .command("checkpoints")
    .description("check that a later checkpoint continues an earlier one: nothing changed, dropped or slipped in")
    .option("--from <number>", "the earlier one (that of --known, else 1)", checkpointNumber)
    .option("--to <number>", "the later one (the newest that is complete)", checkpointNumber)
    .option("--known <file>", "a checkpoint that was kept with --save, or got from somebody else")
    .option("--save <file>", "keep the later one, for the next time")
    .option("--trust <file>", "whose signatures count", TRUST_FILE)
    .addHelpText("after", "\nCompare with what other people were shown, too: hand each other the files of --save.")
    .action((options: Options) => check(io, options));
};

async function check(io: Io, { from, to, trust: trustFile, known, save }: Options): Promise<void> {
  const trust = await readTrustFile(trustFile);
  const kept = known === undefined ? undefined : parse(known, jsonOf(await readInput(known)));
  const newest = to ?? seenIn(await answerOf(io, "/checkpoints/latest")).checkpoint.number;
  const first = from ?? kept?.checkpoint.number ?? "1";
  const answer = await answerOf(io, `/checkpoints/${newest}/consistency?from=${first}`);
  const { older, newer, path } = answer as { older: unknown; newer: unknown; path: string[] };
  const [served, later] = [seenIn(older), seenIn(newer)];
  const findings: Finding[] = [
    ...(kept === undefined ? [] : [...checkSignatures(kept, trust), ...againstServed(kept, served)]),
    ...checkSignatures(served, trust),
    ...checkSignatures(later, trust),
    ...compareCheckpoints(served.checkpoint, later.checkpoint, path),
  ];
  if (save !== undefined) await writeOutput(save, `${JSON.stringify(later, null, 2)}\n`);
  report(io, findings, served, later);
}

/** A checkpoint that was kept must be the one of its number that is shown today. */
function againstServed(kept: SeenCheckpoint, served: SeenCheckpoint): Finding[] {
  if (kept.checkpoint.number !== served.checkpoint.number) return [];
  return compareCheckpoints(kept.checkpoint, served.checkpoint, []);
}

function report(io: Io, reasons: readonly Finding[], older: SeenCheckpoint, newer: SeenCheckpoint): void {
  const accepted = reasons.length === 0;
  io.json({ accepted, reasons, older, newer });
  const [before, after] = [older.checkpoint, newer.checkpoint];
  io.out(`Checkpoint ${before.number}: block ${before.blockNumber}, ${before.retirementCount} retirements`);
  io.out(`Checkpoint ${after.number}: block ${after.blockNumber}, ${after.retirementCount} retirements`);
  for (const { code, message } of reasons) io.out(`${code}: ${message}`);
  io.out(accepted ? "ACCEPTED: the later one continues the earlier one." : "REJECTED");
  io.exit(accepted ? 0 : 1);
}

async function answerOf(io: Io, path: string): Promise<unknown> {
  return (await ask(io, path)).json();
}

function seenIn(value: unknown): SeenCheckpoint {
  return parse("The service's answer", value);
}

function parse(name: string, value: unknown): SeenCheckpoint {
  try {
    return readSeen(value);
  } catch (error) {
    throw new CliError(`${name} is no checkpoint.`, { cause: error });
  }
}

/** Undefined for what is no JSON. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function checkpointNumber(text: string): string {
  if (!/^[1-9]\d{0,17}$/.test(text)) throw new InvalidArgumentError("It must be a number from 1.");
  return text;
}
