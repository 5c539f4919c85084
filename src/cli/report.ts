import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { Option, type Command } from "commander";
import { ARTICLE_6_ORDER } from "../reports/article-6-schema.js";
import { CAD_TRUST_ORDER } from "../reports/cad-trust-schema.js";
import { ask } from "./api.js";
import { CliError, type Io, type Register } from "./io.js";

interface Summary {
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly {
    readonly table: string;
    readonly key: string;
    readonly field: string;
    readonly problem: string;
  }[];
  readonly findingCount: number;
  readonly fromBlock: string;
  readonly toBlock: string;
}

interface Article6Options {
  readonly out: string;
  readonly party?: string;
  readonly cooperativeApproach?: string;
  readonly year?: string;
  readonly submission?: string;
}

/** `carbon report`: the registry in the words of others, one JSON array per table. */
export const registerReport: Register = (program, io) => {
  const report = program.command("report").description("write the registry in the words of other registries");
  withOut(report.command("cad-trust"))
    .description("projects, issuances, units and labels in the CAD Trust data model 2.0.2")
    .action(async ({ out }: { readonly out: string }) => write(io, "/reports/cad-trust", out, CAD_TRUST_ORDER));
  withOut(report.command("article-6"))
    .description("tables 1 to 5 of the agreed electronic format of Article 6.2 (needs a key that sees all)")
    .option("--party <country>", "who reports, as ISO 3166-1 alpha-2 (VN)")
    .option("--cooperative-approach <id>", "id of the cooperative approach (NA)")
    .option("--year <year>", "actions of this year only, and what was held at its end")
    .option("--submission <number>", "2 when one for this year was handed in before, and so on (1)")
    .action(async ({ out, submission, ...asked }: Article6Options) => {
      const query = new URLSearchParams({ ...asked, ...(submission === undefined ? {} : { version: submission }) });
      await write(io, `/reports/article-6?${query.toString()}`, out, ARTICLE_6_ORDER);
    });
};

function withOut(command: Command): Command {
  return command.addOption(new Option("--out <directory>", "where the files go").makeOptionMandatory());
}

/** Writes `TABLE.json` for every table, as the lines come; exit code 1 when something that is required is not known. */
async function write(io: Io, path: string, out: string, tables: readonly string[]): Promise<void> {
  const response = await ask(io, path);
  const files = await openFiles(out, tables);
  const progress = io.progress("records");
  let summary: Summary | undefined;
  let records = 0;
  try {
    for await (const line of linesOf(response)) {
      const { table, record } = JSON.parse(line) as { readonly table: string; readonly record: object };
      if (table === "summary") {
        summary = record as Summary;
        continue;
      }
      const file = files.get(table);
      if (file === undefined)
        throw new CliError(`The service told of a table that this version does not know: ${table}.`);
      await file.add(record);
      records += 1;
      progress.set(records, 0);
    }
    for (const file of files.values()) await file.end();
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`The report broke off after ${records} records: the files in ${out} are not whole.`, {
      cause: error,
    });
  } finally {
    progress.end();
  }
  if (summary === undefined) throw new CliError(`The report has no end: the files in ${out} are not whole.`);
  tell(io, out, summary);
}

function tell(io: Io, out: string, summary: Summary): void {
  io.json({ out, ...summary });
  for (const [table, count] of Object.entries(summary.counts)) io.out(`${join(out, `${table}.json`)}: ${count}`);
  const { fromBlock, toBlock, findings, findingCount } = summary;
  io.out(
    fromBlock === toBlock ? `As of block ${fromBlock}.` : `From block ${fromBlock} to ${toBlock}, while units moved.`,
  );
  if (findingCount === 0) {
    io.out("No findings: every required field is there, and every value is one that the model takes.");
    return;
  }
  for (const { table, key, field, problem } of findings) io.out(`${table} ${key}: ${field} ${problem}`);
  io.out(`${findingCount} findings.`);
  io.exit(1);
}

async function* linesOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) return;
  const lines = createInterface({ input: Readable.fromWeb(body), crlfDelay: Infinity });
  for await (const line of lines) if (line !== "") yield line;
}

/** One JSON array, a record a line. */
interface TableFile {
  add(record: object): Promise<void>;
  end(): Promise<void>;
}

async function openFiles(out: string, tables: readonly string[]): Promise<ReadonlyMap<string, TableFile>> {
  try {
    await mkdir(out, { recursive: true });
    const opened = tables.map(async (table) => {
      const stream = createWriteStream(join(out, `${table}.json`));
      await once(stream, "open");
      return [table, tableFile(stream)] as const;
    });
    return new Map(await Promise.all(opened));
  } catch (error) {
    throw new CliError(`Nothing can be written to ${out}.`, { cause: error });
  }
}

function tableFile(stream: WriteStream): TableFile {
  let before = "[\n";
  let failure: Error | undefined;
  stream.on("error", (error) => {
    failure = error;
  });
  return {
    async add(record) {
      if (failure !== undefined) throw failure;
      if (!stream.write(before + JSON.stringify(record))) await once(stream, "drain");
      before = ",\n";
    },
    async end() {
      stream.end(before === "[\n" ? "[]\n" : "\n]\n");
      await once(stream, "finish");
    },
  };
}
