import { Argument, type Command } from "commander";

import type { StatementLine, UnitStatement } from "../client/past-types.js";
import { perform, withAct, type ActOptions } from "./acts.js";
import { address, code, day } from "./arguments.js";
import { CliError } from "./errors.js";
import { accountOf } from "./holdings.js";
import type { Io, Register } from "./io.js";
import { clientOf, type ListOptions, withPages } from "./lists.js";
import { createTable, fieldLines, type Field } from "./table.js";
import { createWording } from "./wording.js";

const HELP = `
When the key of an account is lost, one compliance officer proposes its successor and another approves it. Then its units, batch by batch,
its money, and what it has on the exchange are carried over.

Examples:
  carbon accounts show 0x...
  carbon accounts statement 0x... --from 2026-01-01 --until 2026-12-31
  carbon accounts replace 0x... --with 0x... --dry-run
  carbon accounts approve-replacement 0x... --with 0x...
  carbon accounts recover 0x... --batch VN-1-2024
  carbon accounts recover-position 0x... --cash
  carbon accounts recover-cash 0x...`;

/** `carbon accounts`: what an account is, what went through it, and what becomes of it when its key is lost. */
export const registerAccounts: Register = (program, io) => {
  const accounts = program
    .command("accounts")
    .description("accounts: statements, and successors of those whose key is lost")
    .addHelpText("after", HELP);
  addReads(accounts, io);
  addReplacement(accounts, io);
  addRecovery(accounts, io);
};

const which = (words: string): Argument => new Argument("<account>", words).argParser(address);

interface Period extends ListOptions {
  readonly from: string;
  readonly until: string;
  readonly batch?: string;
}

function addReads(accounts: Command, io: Io): void {
  accounts
    .command("show")
    .description("an account, and whose it is")
    .argument("<account>", "an address, or a key of this machine")
    .action(async (asked: string) => {
      const client = clientOf(io);
      const account = await client.accounts.get(await accountOf(io, asked));
      io.json(account);
      const { address: at, status, managed, participantId, successor, proposedSuccessor, addedBlock } = account;
      const { name } = io.isJson ? { name: null } : await client.participants.get(participantId);
      const fields: Field[] = [
        ["account", at],
        ["status", status],
        ["participant", name === null ? String(participantId) : `${participantId}, ${name}`],
        ["key", managed ? "kept by the service" : "its own"],
        ["successor", successor],
        ["proposed successor", proposedSuccessor],
        ["since block", io.format.integer(addedBlock)],
      ];
      for (const line of fieldLines(fields, "")) io.out(line);
    });
  withPages(accounts.command("statement"))
    .description("what came and went between two days (UTC), with what there was before and after")
    .argument("<account>", "an address, or a key of this machine")
    .requiredOption("--from <day>", "first day", day)
    .requiredOption("--until <day>", "last day", day)
    .option("--batch <code>", "only this batch", code)
    .action(async (asked: string, options: Period) => tellStatement(io, await accountOf(io, asked), options));
}

async function tellStatement(io: Io, account: string, options: Period): Promise<void> {
  const { from, until: to, batch, limit, after, all } = options;
  const client = clientOf(io);
  const filter = { from, to, limit, ...(batch === undefined ? {} : { batch }) };
  const page = await client.accounts.statement(account, {
    ...filter,
    ...(after === undefined ? {} : { cursor: after }),
  });
  const items: StatementLine[] = [...page.items];
  let { next } = page;
  while (all === true && next !== null) {
    const more: UnitStatement = await client.accounts.statement(account, { ...filter, cursor: next });
    items.push(...more.items);
    next = more.next;
  }
  io.json({ ...page, items, next });
  if (io.isJson) return;
  tellSums(io, page);
  const table = createTable<StatementLine>([
    { title: "when", of: ({ timestamp }) => io.format.time(timestamp) },
    { title: "what", of: ({ kind }) => kind },
    { title: "batch", of: (one) => one.batch },
    { title: "tonnes", of: ({ tonnes }) => io.format.integer(tonnes), right: true },
    { title: "then", of: ({ balance }) => io.format.integer(balance), right: true },
    { title: "with", of: ({ counterparty }) => counterparty ?? "" },
  ]);
  const rows = table.rows(items);
  if (rows.length === 0) io.note("Nothing moved in these days.");
  else io.out(io.paint("bold", table.heading()));
  for (const row of rows) io.out(row);
  if (next !== null) io.note(`There is more: --after ${next}, or --all.`);
}

function tellSums(io: Io, { batches }: UnitStatement): void {
  if (batches.length === 0) return;
  const table = createTable<UnitStatement["batches"][number]>([
    { title: "batch", of: (one) => one.batch },
    { title: "before", of: ({ opening }) => io.format.integer(opening), right: true },
    { title: "in", of: (one) => io.format.integer(one.in), right: true },
    { title: "out", of: ({ out }) => io.format.integer(out), right: true },
    { title: "after", of: ({ closing }) => io.format.integer(closing), right: true },
    { title: "on the exchange", of: ({ position }) => io.format.integer(position.closing), right: true },
  ]);
  const rows = table.rows(batches);
  io.out(io.paint("bold", table.heading()));
  for (const row of rows) io.out(row);
  io.out("");
}

interface Replacing extends ActOptions {
  readonly with: string;
}

function addReplacement(accounts: Command, io: Io): void {
  const acts = [
    {
      verb: "replace",
      title: "Propose a successor of an account",
      says: "propose a successor, as a compliance officer",
    },
    {
      verb: "approve-replacement",
      title: "Approve the successor of an account",
      says: "approve the successor, as another compliance officer",
    },
  ] as const;
  for (const { verb, title, says } of acts) {
    withAct(accounts.command(verb))
      .description(says)
      .addArgument(which("the one whose key is lost"))
      .requiredOption("--with <account>", "the successor", address)
      .action(async (lost: string, options: Replacing) => {
        const wording = createWording(clientOf(io));
        await perform(io, options, {
          title,
          fields: [
            ["lost", await wording.account(lost)],
            ["successor", options.with],
          ],
          plan: { request: { newAccount: options.with } },
          send: ({ accounts: calls }, write) =>
            verb === "replace"
              ? calls.proposeReplacement(lost, options.with, write)
              : calls.approveReplacement(lost, options.with, write),
          hint: () =>
            verb === "replace"
              ? `Another officer: carbon accounts approve-replacement ${lost} --with ${options.with}`
              : `Its units: carbon accounts recover ${lost} --batch CODE, for each batch of carbon holdings --account ${lost}`,
        });
      });
  }
  withAct(accounts.command("withdraw-replacement"))
    .description("take a proposed successor back")
    .addArgument(which("the one whose key was thought lost"))
    .action(async (lost: string, options: ActOptions) => {
      await perform(io, options, {
        title: "Take a proposed successor back",
        fields: [["account", await createWording(clientOf(io)).account(lost)]],
        send: (client, write) => client.accounts.withdrawReplacement(lost, write),
      });
    });
}

interface Recovery extends ActOptions {
  readonly batch?: string;
  readonly cash?: true;
}

function addRecovery(accounts: Command, io: Io): void {
  withAct(accounts.command("recover"))
    .description("carry the units of a batch to the successor; many blocks take several times")
    .addArgument(which("the one that was replaced"))
    .requiredOption("--batch <code>", "which units", code)
    .action(async (lost: string, options: ActOptions & { readonly batch: string }) => {
      const wording = createWording(clientOf(io));
      await perform(io, options, {
        title: "Carry units to the successor",
        fields: [
          ["account", await wording.account(lost)],
          ["batch", await wording.batch(options.batch)],
        ],
        plan: { request: { batch: options.batch } },
        send: (client, write) => client.accounts.recover(lost, options.batch, write),
      });
    });
  withAct(accounts.command("recover-cash"))
    .description("carry the money outside of trading to the successor")
    .addArgument(which("the one that was replaced"))
    .action(async (lost: string, options: ActOptions) => {
      await perform(io, options, {
        title: "Carry money to the successor",
        fields: [["account", await createWording(clientOf(io)).account(lost)]],
        send: (client, write) => client.cash.recover(lost, write),
      });
    });
  withAct(accounts.command("recover-position"))
    .description("carry what the account has on the exchange to the successor")
    .addArgument(which("the one that was replaced"))
    .option("--batch <code>", "its units of this batch", code)
    .option("--cash", "its money")
    .action(async (lost: string, options: Recovery) => {
      const { batch, cash } = options;
      if ((batch === undefined) === (cash === undefined)) throw new CliError("Either --batch or --cash.");
      await perform(io, options, {
        title: "Carry a position to the successor",
        fields: [
          ["account", await createWording(clientOf(io)).account(lost)],
          ["position", batch ?? "money"],
        ],
        plan: { request: { batch: batch ?? null } },
        send: (client, write) => client.positions.recover(lost, batch ?? null, write),
      });
    });
}
