import { createHash } from "node:crypto";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { Argument, InvalidArgumentError, Option } from "commander";

import { ask } from "./api.js";
import { accountOf } from "./holdings.js";
import { CliError, type Io, type Register } from "./io.js";

const HISTORIES = ["retirements", "cancellations", "issuances", "transfers", "trades"];
const MOMENTS = ["holdings", "positions", "supply", "labels", "participants"];
const STATEMENT = "statement";
const CASH_STATEMENT = "cash-statement";
const SUBJECTS = [...HISTORIES, ...MOMENTS, STATEMENT, CASH_STATEMENT];

interface Options {
  readonly out: string;
  readonly account?: string;
  readonly format: string;
  readonly filter: readonly string[];
}

const HELP = `
SUBJECT is a history (${HISTORIES.join(", ")}), what was so at one moment
(${MOMENTS.join(", ")}), or the statement of an account, of units or of
money (with --filter place=exchange: of its money in trading). Transfers, trades, holdings, positions and statements need a key. A filter is what the API takes: from=2026-01-01 or project=VN-VCS-1975 of a history, block=1200 or
at=2026-01-31T00:00:00Z of a moment, from= and to= of a statement. The manifest, signed by the service, is written to
FILE.manifest.json; carbon verify FILE.manifest.json --data FILE checks it.

Examples:
  carbon export retirements --out retirements.csv --filter from=2026-01-01
  carbon export holdings --out holdings.parquet --format parquet --filter block=1200
  carbon export statement --account trader --out 2026.csv --filter from=2026-01-01 --filter to=2026-12-31`;

/** `carbon export SUBJECT`: 0 the file is there and is what its manifest says, 1 it is not. */
export const registerExport: Register = (program, io) => {
  const several = (value: string, before: readonly string[]): string[] => {
    if (!/^\w+=./s.test(value)) throw new InvalidArgumentError("A filter is a name, = and a value.");
    return [...before, value];
  };
  program
    .command("export")
    .description("writes a history, a moment or a statement into a file, with a signed manifest beside it")
    .addArgument(new Argument("<subject>", "what to export").choices(SUBJECTS))
    .requiredOption("--out <file>", "where to")
    .addOption(new Option("--format <format>", "of the file").choices(["csv", "ndjson", "parquet"]).default("csv"))
    .option("--account <account>", "only this account: an address, or a key of this machine; a statement needs it")
    .option("--filter <name=value>", "which records only; may be given several times", several, [])
    .addHelpText("after", HELP)
    .action(async (subject: string, options: Options) => {
      const file = await download(io, await pathOf(io, subject, options), options.out);
      const text = await (await ask(io, `/exports/${file.exportId}/manifest`)).text();
      const manifest = JSON.parse(text) as { readonly sha256: string; readonly bytes: string; readonly rows: string };
      const isSame = manifest.sha256 === file.sha256 && manifest.bytes === String(file.bytes);
      if (!isSame) {
        io.note(`${options.out} is not what the manifest of export ${file.exportId} says.`);
        io.json({ file: options.out, matches: false, ...file });
        io.exit(1);
        return;
      }
      await writeFile(`${options.out}.manifest.json`, text);
      io.out(`${options.out}: ${manifest.rows} rows, ${manifest.bytes} bytes, SHA-256 ${manifest.sha256}`);
      io.json({ file: options.out, matches: true, manifest });
    });
};

async function pathOf(io: Io, subject: string, options: Options): Promise<string> {
  const account = options.account === undefined ? undefined : await accountOf(io, options.account);
  const query = queryOf(options);
  const isStatement = subject === STATEMENT || subject === CASH_STATEMENT;
  if (isStatement && account === undefined) {
    throw new CliError("A statement is of one account: say which with --account.");
  }
  if (subject === STATEMENT) return `/accounts/${account}/statement/export?${query.toString()}`;
  if (account !== undefined) query.append("account", account);
  if (subject === CASH_STATEMENT) return `/cash/statement/export?${query.toString()}`;
  return `/${MOMENTS.includes(subject) ? "as-of" : "history"}/${subject}/export?${query.toString()}`;
}

function queryOf({ format, filter }: Options): URLSearchParams {
  const query = new URLSearchParams({ format });
  for (const given of filter) {
    const at = given.indexOf("=");
    query.append(given.slice(0, at), given.slice(at + 1));
  }
  return query;
}

interface Downloaded {
  readonly exportId: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Writes the answer piece by piece, beside its place until it is whole. */
async function download(io: Io, path: string, out: string): Promise<Downloaded> {
  const response = await ask(io, path);
  const exportId = response.headers.get("x-export-id");
  if (exportId === null || response.body === null) throw new CliError(`${path} did not answer an export.`);
  const part = `${out}.part`;
  const progress = io.progress("Bytes");
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    const file = await open(part, "w");
    try {
      for await (const piece of response.body as AsyncIterable<Uint8Array>) {
        hash.update(piece);
        await file.writeFile(piece);
        bytes += piece.length;
        progress.set(bytes, 0);
      }
    } finally {
      await file.close();
    }
    await rename(part, out);
  } catch (error) {
    await rm(part, { force: true });
    throw new CliError(`${out} could not be written to its end.`, { cause: error });
  } finally {
    progress.end();
  }
  return { exportId, bytes, sha256: `0x${hash.digest("hex")}` };
}
