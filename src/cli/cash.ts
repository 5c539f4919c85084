import { randomBytes } from "node:crypto";
import { Argument, Option, type Command } from "commander";

import type { CashDeposit, CashMovement, Redemption } from "../client/cash-types.js";
import { perform, withAct, type ActOptions } from "./acts.js";
import { address, day, quantity, wholeNumber } from "./arguments.js";
import { accountOf } from "./holdings.js";
import { CliError, type Io, type Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { DELAY_HELP, performDelayed, withSchedule, type SchedulingOptions } from "./scheduling.js";
import { performIntent, withSigning, type SigningOptions } from "./signing.js";
import { createTable, fieldLines, type Field } from "./table.js";
import { createWording } from "./wording.js";

const HELP = `
Amounts are whole minor units of the settlement currency (for VND: dong). Money comes to be when the settlement bank has received it, and
ends when the bank has paid it out.

Examples:
  carbon cash balances
  carbon cash statement 0x49d1cCB5139c1ae4dA9Cf47AfdDc4aB170F01024 --from 2026-11-01 --until 2026-11-30
  carbon cash transfer 900000000 --to exchange --dry-run
  carbon cash redeem 5000000 --bank BIDV --number 0123456789 --holder "Firm"
  carbon --profile bank-1 cash deposit 900000000 --for 0x... --reference MT103-20261122-0001`;

/** `carbon cash`: money on the ledger. */
export const registerCash: Register = (program, io) => {
  const cash = program.command("cash").description("money on the ledger").addHelpText("after", HELP);
  addReads(cash, io);
  addStatement(cash, io);
  addHolderActs(cash, io);
  addDeposits(cash, io);
  addRedemptions(cash, io);
  addLimit(cash, io);
};

function addReads(cash: Command, io: Io): void {
  cash
    .command("show")
    .description("the settlement currency")
    .action(async () => {
      const currency = await clientOf(io).cash.get();
      io.json(currency);
      const fields: Field[] = [
        ["currency", `${currency.name} (${currency.symbol}, ${currency.decimals} decimals)`],
        ["in circulation", io.format.money(currency.supply, currency)],
        ["one officer may make", io.format.money(currency.singleApprovalLimit, currency)],
        ["contract", currency.contract],
        ["exchange", currency.exchange],
        ["paused", currency.paused ? "yes" : null],
      ];
      for (const line of fieldLines(fields, "")) io.out(line);
    });
  withPages(cash.command("balances"))
    .description("what accounts have, outside of trading (carbon positions has the rest)")
    .option("--account <account>", "only this one: an address, or a key of this machine")
    .action(async (options: ListOptions & { readonly account?: string }) => {
      const client = clientOf(io);
      const account = options.account === undefined ? undefined : await accountOf(io, options.account);
      const currency = await client.cash.get();
      await showList(io, options, {
        list: (page) => client.cash.balances.list({ ...page, ...(account === undefined ? {} : { account }) }),
        columns: [
          { title: "account", of: (one) => one.account },
          { title: "participant", of: (one) => String(one.participantId ?? "-"), right: true },
          { title: "amount", of: (one) => io.format.money(one.amount, currency), right: true },
        ],
      });
    });
}

function addLimit(cash: Command, io: Io): void {
  withSchedule(cash.command("limit"))
    .description("set the amount up to which one officer of the bank is enough")
    .addArgument(new Argument("<amount>", "in minor units; 0: always two officers").argParser(wholeNumber))
    .addHelpText("after", DELAY_HELP)
    .action(async (amount: bigint, options: SchedulingOptions) => {
      const currency = await clientOf(io).cash.get();
      await performDelayed(io, options, {
        title: "Set the limit of one officer",
        fields: [
          ["limit now", io.format.money(currency.singleApprovalLimit, currency)],
          ["then", io.format.money(amount, currency)],
        ],
        plan: { request: { amount: amount.toString() } },
        send: (client, write) => client.cash.setLimit(amount, write),
        schedule: (client, write) => client.cash.scheduleLimit(amount, write),
      });
    });
}

interface StatementOptions {
  readonly from: string;
  readonly until: string;
  readonly place: "account" | "exchange";
}

function addStatement(cash: Command, io: Io): void {
  cash
    .command("statement")
    .description("opening balance, movements and closing balance of some days")
    .argument("<account>", "an address, or a key of this machine")
    .requiredOption("--from <day>", "first day, UTC", day)
    .requiredOption("--until <day>", "last day, UTC", day)
    .addOption(
      new Option("--place <place>", "outside of trading, or in it").choices(["account", "exchange"]).default("account"),
    )
    .action(async (asked: string, { from, until, place }: StatementOptions) => {
      const client = clientOf(io);
      const account = await accountOf(io, asked);
      const [statement, currency] = [
        await client.cash.statement({ account, from, to: until, place }),
        await client.cash.get(),
      ];
      io.json(statement);
      io.out(`opening  ${io.format.money(statement.opening, currency)}`);
      const table = createTable<CashMovement>([
        { title: "when", of: (one) => io.format.time(one.timestamp) },
        { title: "what", of: (one) => one.kind },
        { title: "amount", of: (one) => io.format.integer(one.amount), right: true },
        { title: "balance", of: (one) => io.format.integer(one.balance), right: true },
        { title: "with", of: (one) => one.counterparty ?? "" },
      ]);
      const rows = table.rows(statement.movements);
      if (rows.length > 0) io.out(io.paint("bold", table.heading()));
      for (const row of rows) io.out(row);
      io.out(`closing  ${io.format.money(statement.closing, currency)}`);
    });
}

function addHolderActs(cash: Command, io: Io): void {
  withSigning(cash.command("transfer"))
    .description("pay another account, or put money into trading")
    .addArgument(new Argument("<amount>", "in minor units").argParser(quantity))
    .requiredOption("--to <account>", "who receives it: an account, or the word exchange", recipient)
    .action(async (amount: bigint, options: SigningOptions & { readonly to: string }) => {
      const currency = await clientOf(io).cash.get();
      const to = options.to === "exchange" ? currency.exchange : options.to;
      const input = { to, amount };
      await performIntent(io, options, {
        title: "Transfer money",
        kind: "cash-transfer",
        fields: async (wording) => [
          ["to", await wording.account(to)],
          ["amount", io.format.money(amount, currency)],
        ],
        sign: (firm, terms) => firm.sign.cashTransfer(input, terms),
        input,
        send: (client, body, write) => client.cash.transfers.create(body, write),
      });
    });
  withSigning(cash.command("redeem"))
    .description("ask the settlement bank to pay money out")
    .addArgument(new Argument("<amount>", "in minor units").argParser(quantity))
    .requiredOption("--bank <name>", "where to")
    .requiredOption("--number <number>", "number of the bank account")
    .requiredOption("--holder <name>", "whose bank account it is")
    .option("--salt <text>", "of an earlier try, to ask for the same again")
    .action(async (amount: bigint, options: SigningOptions & Payee) => {
      const currency = await clientOf(io).cash.get();
      const { bank, number, holder, salt = randomBytes(24).toString("base64url") } = options;
      const payout = { bank, accountNumber: number, accountHolder: holder, salt };
      await performIntent(io, options, {
        title: "Ask for money to be paid out",
        kind: "redemption",
        fields: async () => [
          ["amount", io.format.money(amount, currency)],
          ["to", `${number} of ${holder} at ${bank}`],
          ["salt", salt],
        ],
        sign: (firm, terms) => firm.sign.redemption(amount, payout, terms),
        input: { amount, payout },
        again: `--salt ${salt}`,
        send: (client, body, write) => client.cash.redemptions.create({ ...body, payout }, write),
      });
    });
}

interface Payee {
  readonly bank: string;
  readonly number: string;
  readonly holder: string;
  readonly salt?: string;
}

function addDeposits(cash: Command, io: Io): void {
  withPages(cash.command("deposits"))
    .description("money that the bank received")
    .addOption(new Option("--status <status>", "only these").choices(["proposed", "minted", "withdrawn"]))
    .action(async (options: ListOptions & { readonly status?: CashDeposit["status"] }) => {
      const client = clientOf(io);
      const { status } = options;
      await showList(io, options, {
        list: (page) => client.cash.deposits.list({ ...page, ...(status === undefined ? {} : { status }) }),
        columns: [
          { title: "changed", of: (one) => io.format.time(one.changedAt) },
          { title: "status", of: (one) => one.status },
          { title: "amount", of: (one) => io.format.integer(one.amount), right: true },
          { title: "account", of: (one) => one.account },
          { title: "reference", of: (one) => one.reference },
        ],
      });
    });
  withDeposit(cash.command("deposit"))
    .description("settlement bank: make money that was received; above the limit of one officer, propose it")
    .requiredOption("--reference <text>", "the bank's own, used once for ever")
    .action(async (amount: bigint, options: Deposit) => {
      await perform(io, options, {
        title: "Make money that the bank received",
        fields: [...(await depositFields(io, amount, options)), ["reference", options.reference]],
        send: (client, write) =>
          client.cash.deposits.create({ account: options.for, amount, reference: options.reference }, write),
      });
    });
  withDeposit(cash.command("approve-deposit"))
    .description("settlement bank: approve what another officer proposed")
    .requiredOption("--reference <hash>", "of the deposit, as carbon cash deposits has it")
    .action(async (amount: bigint, options: Deposit) => {
      await perform(io, options, {
        title: "Approve money that the bank received",
        fields: [...(await depositFields(io, amount, options)), ["reference", options.reference]],
        send: (client, write) =>
          client.cash.deposits.approve(options.reference, { account: options.for, amount }, write),
      });
    });
}

interface Deposit extends ActOptions {
  readonly for: string;
  readonly reference: string;
}

function withDeposit(command: Command): Command {
  return withAct(command)
    .addArgument(new Argument("<amount>", "in minor units").argParser(quantity))
    .requiredOption("--for <account>", "whose money it is", address);
}

async function depositFields(io: Io, amount: bigint, options: Deposit): Promise<Field[]> {
  const wording = createWording(clientOf(io));
  return [
    ["amount", io.format.money(amount, await wording.currency())],
    ["for", await wording.account(options.for)],
  ];
}

function addRedemptions(cash: Command, io: Io): void {
  withPages(cash.command("redemptions"))
    .description("money that is to be paid out")
    .addOption(new Option("--status <status>", "only these").choices(["requested", "paid", "refused"]))
    .action(async (options: ListOptions & { readonly status?: Redemption["status"] }) => {
      const client = clientOf(io);
      const { status } = options;
      await showList(io, options, {
        list: (page) => client.cash.redemptions.list({ ...page, ...(status === undefined ? {} : { status }) }),
        columns: [
          { title: "no", of: (one) => one.id, right: true },
          { title: "requested", of: (one) => io.format.time(one.requestedAt) },
          { title: "status", of: (one) => one.status },
          { title: "amount", of: (one) => io.format.integer(one.amount), right: true },
          { title: "account", of: (one) => one.account },
        ],
      });
    });
  withAct(cash.command("settle"))
    .description("settlement bank: decide about money that is to be paid out")
    .argument("<redemption>", "its number")
    .option("--approve", "a second officer's yes, above the limit of one")
    .option("--paid <reference>", "it was paid, with this reference of the bank")
    .option("--refuse <reason>", "it goes back to the account")
    .action(async (id: string, options: ActOptions & Decision) => {
      const { approve, paid, refuse } = options;
      const given = [approve, paid, refuse].filter((decision) => decision !== undefined);
      if (given.length !== 1) throw new CliError("One of --approve, --paid and --refuse.");
      const decision = paid !== undefined ? "paid" : refuse !== undefined ? "refused" : "approved";
      await perform(io, options, {
        title: `Redemption ${id}: ${decision}`,
        fields: [
          ["reference", paid ?? null],
          ["reason", refuse ?? null],
        ],
        send: (client, write) => {
          if (paid !== undefined) return client.cash.redemptions.pay(id, paid, write);
          if (refuse !== undefined) return client.cash.redemptions.refuse(id, refuse, write);
          return client.cash.redemptions.approve(id, write);
        },
      });
    });
}

interface Decision {
  readonly approve?: true;
  readonly paid?: string;
  readonly refuse?: string;
}

function recipient(text: string): string {
  return text === "exchange" ? text : address(text);
}
