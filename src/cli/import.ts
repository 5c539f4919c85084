import { openAsBlob } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Argument, Option, type Command } from "commander";

import { ask } from "./api.js";
import { count } from "./arguments.js";
import { CliError, type Io, type Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import type { Progress } from "./progress.js";

const REGISTRIES = ["verra", "gold-standard", "vrod"];
const PACE_MS = 300;
/** Lines about rows that cannot be taken; all of them are in the report. */
const MOST_REFUSALS = 20;

interface Options {
  readonly owner: number;
  readonly account?: string;
  readonly dryRun?: boolean;
  readonly encoding?: string;
  readonly report?: string;
}

interface ImportAnswer {
  readonly id: string;
  readonly status: string;
  readonly layout: string | null;
  readonly rows: string;
  readonly refusedRows: string;
  readonly knownRows: string;
  readonly phase: string | null;
  readonly phaseDone: string;
  readonly phaseTotal: string;
  readonly consents: { readonly missing: readonly string[] };
  readonly problem: { readonly detail: string; readonly remedy: string } | null;
}

const HELP = `
All rows are checked before anything is sent; when one cannot be taken, none is. Then another registrar, a verifier and, when units are
retired or cancelled, the owner consent: with "carbon imports consent ID", or here, when CARBON_CONSENT_KEYS has their API keys, separated
by commas. The same file again is the same import: stopped at any moment, it goes on, and once it is done nothing happens.

Exit codes: 0 done, checked, or waiting for consents; 1 refused or failed.

Examples:
  carbon import verra transactions.csv --owner 7 --dry-run
  carbon import gold-standard issuances.csv --owner 7 --report rows.csv`;

/** `carbon import REGISTRY FILE`: another registry's export into the ledger. */
export const registerImport: Register = (program, io) => {
  program
    .command("import")
    .description("import another registry's export: projects, units, retirements, cancellations")
    .addArgument(new Argument("<registry>", "whose export").choices(REGISTRIES))
    .argument("<file>", "CSV, with its header")
    .requiredOption("--owner <participant>", "who owns the projects and gets the units", count)
    .option("--account <address>", "the owner's account; its first managed one when left out")
    .option("--dry-run", "check only, and tell of each row")
    .addOption(new Option("--encoding <encoding>", "recognised when left out").choices(["utf-8", "windows-1252"]))
    .option("--report <file>", "where to write what became of each row, as CSV")
    .addHelpText("after", HELP)
    .action(async (registry: string, file: string, options: Options) => {
      const { id, isKnown } = await upload(io, registry, file, options);
      const end = await follow(io, id);
      if (options.report !== undefined) await writeReport(io, id, options.report);
      await tell(io, end, isKnown);
    });
};

/** `carbon imports`: what was uploaded, and the consent of others. */
export const registerImports: Register = (program, io) => {
  const imports: Command = program.command("imports").description("imports of other registries' exports");
  withPages(imports.command("list"))
    .description("imports, the latest first")
    .action(async (options: ListOptions) => {
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) => client.imports.list(page),
        columns: [
          { title: "begun", of: (one) => io.format.time(one.createdAt) },
          { title: "registry", of: (one) => one.registry },
          { title: "rows", of: (one) => io.format.integer(one.rows), right: true },
          { title: "status", of: (one) => (one.dryRun ? `${one.status} (dry run)` : one.status) },
          { title: "file", of: (one) => one.fileName },
          { title: "id", of: (one) => one.id },
        ],
      });
    });
  imports
    .command("show")
    .description("an import, and how far it is")
    .argument("<id>", "of the import")
    .action(async (id: string) => tell(io, await read(io, id), false));
  imports
    .command("consent")
    .description("let an import begin, as the registrar, verifier or owner whose API key this is")
    .argument("<id>", "of the import")
    .action(async (id: string) => {
      await consent(io, id);
      await tell(io, await follow(io, id), false);
    });
};

async function upload(io: Io, registry: string, file: string, { owner, account, dryRun, encoding }: Options) {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new CliError(`${file} cannot be read.`, { cause });
  });
  if (size === 0) throw new CliError(`${file} is empty.`);
  const form = new FormData();
  const fields = { registry, owner: String(owner), account, encoding, dryRun: dryRun === true ? "true" : undefined };
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, value);
  // Read from disk while it is sent: a file of any size.
  form.append("file", await openAsBlob(file), basename(file));
  const answer = await ask(io, "/imports", { method: "POST", body: form });
  const { id } = (await answer.json()) as ImportAnswer;
  return { id, isKnown: answer.status === 200 };
}

async function read(io: Io, id: string): Promise<ImportAnswer> {
  return (await (await ask(io, `/imports/${encodeURIComponent(id)}`)).json()) as ImportAnswer;
}

async function consent(io: Io, id: string): Promise<void> {
  await ask(io, `/imports/${encodeURIComponent(id)}/consents`, { method: "POST" });
}

/** Waits until it rests, and consents with the keys that are there. */
async function follow(io: Io, id: string): Promise<ImportAnswer> {
  const keys = (io.env["CARBON_CONSENT_KEYS"] ?? "").split(",").filter((key) => key !== "");
  const bars = new Map<string, Progress>();
  try {
    for (;;) {
      const now = await read(io, id);
      // With every consent, it waits for nobody any more, and begins by itself.
      if (now.status === "waiting" && now.consents.missing.length > 0) {
        const key = keys.shift();
        if (key === undefined) return now;
        await consent({ ...io, key }, id);
        continue;
      }
      if (now.status !== "checking" && now.status !== "running" && now.status !== "waiting") return now;
      const label = now.phase ?? "rows read";
      const bar = bars.get(label) ?? io.progress(label);
      bars.set(label, bar);
      bar.set(BigInt(now.phase === null ? now.rows : now.phaseDone), now.phase === null ? 0 : BigInt(now.phaseTotal));
      await sleep(PACE_MS);
    }
  } finally {
    for (const bar of bars.values()) bar.end();
  }
}

async function writeReport(io: Io, id: string, path: string): Promise<void> {
  const { body } = await ask(io, `/imports/${id}/report`);
  if (body === null) throw new CliError("The report is empty.");
  await writeFile(path, body as AsyncIterable<Uint8Array>);
}

interface Total {
  readonly rows: string;
  readonly fileTonnes: string;
  readonly issuedTonnes: string;
  readonly retiredTonnes: string;
  readonly cancelledTonnes: string;
}

async function tell(io: Io, end: ImportAnswer, isKnown: boolean): Promise<void> {
  const { id, status, rows, knownRows, problem, consents } = end;
  const isBad = status === "refused" || status === "failed";
  const totals = isBad ? [] : await totalsOf(io, id);
  io.json({ ...end, alreadyImported: isKnown && status === "final", totals });
  const { integer, tonnes } = io.format;
  io.out(`Import ${id}: ${status}, ${integer(rows)} rows, ${integer(knownRows)} of them known to the ledger before.`);
  if (isKnown && status === "final") io.out("This file was imported before: nothing was changed.");
  if (totals.length > 0) {
    const sum = (of: (total: Total) => string): bigint => totals.reduce((all, total) => all + BigInt(of(total)), 0n);
    const [file, ledger] = [sum(({ fileTonnes }) => fileTonnes), sum(({ issuedTonnes }) => issuedTonnes)];
    const [retired, cancelled] = [sum((total) => total.retiredTonnes), sum((total) => total.cancelledTonnes)];
    io.out(
      `${integer(totals.length)} projects; the file has ${tonnes(file)}, the ledger ${tonnes(ledger)} of them ` +
        `(${tonnes(retired)} retired, ${tonnes(cancelled)} cancelled).`,
    );
  }
  if (status === "waiting" && consents.missing.length > 0)
    io.out(`It waits for the consent of: ${consents.missing.join(", ")}.`);
  if (!isBad) return;
  io.out(`${problem?.detail ?? ""} ${problem?.remedy ?? ""}`.trim());
  for (const line of await refusalsOf(io, id)) io.out(line);
  io.exit(1);
}

async function totalsOf(io: Io, id: string): Promise<readonly Total[]> {
  const answer = await ask(io, `/imports/${id}/totals?by=project`);
  return ((await answer.json()) as { readonly items: readonly Total[] }).items;
}

async function refusalsOf(io: Io, id: string): Promise<string[]> {
  const answer = await ask(io, `/imports/${id}/rows?refused=true&limit=${MOST_REFUSALS}`);
  const { items } = (await answer.json()) as {
    readonly items: readonly { line: string; refusal: { code: string; detail: string } | null }[];
  };
  return items.map(({ line, refusal }) => `  line ${line}: ${refusal?.detail ?? ""} (${refusal?.code ?? ""})`);
}
