import { Argument, InvalidArgumentError } from "commander";

import type { Page } from "../client/types.js";
import { code, wholeNumber } from "./arguments.js";
import type { Io, Register } from "./io.js";
import { readPath, showList, withPages, type ListOptions } from "./lists.js";
import { createTable, fieldLines, type Column, type Field } from "./table.js";
import { serialsText } from "./wording.js";

const SUBJECTS = ["retirements", "cancellations", "issuances", "transfers", "trades"] as const;
type Subject = (typeof SUBJECTS)[number];

const HELP = `
Transfers and trades need an API key. A filter is what the API takes: project, vintage, batch, firm, account, from, to, serial, and for
retirements q, beneficiary, purpose, country. carbon export writes a whole history into a file.

Examples:
  carbon history retirements --filter project=VN-VCS-1975 --filter from=2026-01-01
  carbon history retirements --totals month
  carbon history transfers --filter firm=4 --all
  carbon history serial VN-VCS-1975-2020-01 101      the life of one tonne`;

interface Record extends Readonly<globalThis.Record<string, unknown>> {
  readonly id: string;
  readonly batch: string;
  readonly tonnes: string;
}

interface Options extends ListOptions {
  readonly filter: readonly string[];
  readonly totals?: string;
}

/** `carbon history`: what happened. */
export const registerHistory: Register = (program, io) => {
  const history = program
    .command("history")
    .description("what happened, filtered and summed")
    .addHelpText("after", HELP);
  for (const subject of SUBJECTS) {
    withPages(history.command(subject))
      .description(`${subject}, the latest first`)
      .option("--filter <name=value>", "only these; may be given several times", several, [])
      .option("--totals <group>", "sums instead: by none, month, project, batch, firm, vintage, purpose ...")
      .action(async (options: Options) => {
        const query = queryOf(options.filter);
        if (options.totals !== undefined) return totals(io, subject, options.totals, query);
        await showList(io, options, {
          list: (page) => readPath<Page<Record>>(io, `/history/${subject}`, { ...query, ...page }),
          columns: columnsOf(io, subject),
        });
      });
  }
  history
    .command("serial")
    .description("the life of one tonne")
    .addArgument(new Argument("<batch>", "code of its batch").argParser(code))
    .addArgument(new Argument("<serial>", "its number").argParser(wholeNumber))
    .action(async (batch: string, serial: bigint) => life(io, batch, serial));
};

function columnsOf(io: Io, subject: Subject): Column<Record>[] {
  const text = (title: string, name: string): Column<Record> => ({ title, of: (one) => textIn(one, name) });
  const time = (name: string): Column<Record> => ({ title: "when", of: (one) => io.format.time(textIn(one, name)) });
  const serials: Column<Record> = {
    title: "serials",
    of: (one) => serialsText(one["serialBlocks"] as { readonly start: string; readonly end: string }[]),
  };
  const units: Column<Record>[] = [
    { title: "tonnes", of: (one) => io.format.integer(one.tonnes), right: true },
    text("batch", "batch"),
  ];
  switch (subject) {
    case "retirements":
      return [
        text("no", "id"),
        time("retiredAt"),
        ...units,
        serials,
        text("purpose", "purpose"),
        text("for", "beneficiary"),
      ];
    case "cancellations":
      return [
        text("no", "id"),
        time("cancelledAt"),
        ...units,
        serials,
        text("reason", "reason"),
        text("by", "cancellingEntity"),
      ];
    case "issuances":
      return [time("issuedAt"), ...units, text("to", "recipientEntity")];
    case "transfers":
      return [time("timestamp"), ...units, serials, text("from", "fromEntity"), text("to", "toEntity")];
    case "trades": {
      const price = { title: "price", of: (one: Record) => io.format.integer(textIn(one, "price")), right: true };
      return [time("timestamp"), ...units, price, text("seller", "sellerEntity"), text("buyer", "buyerEntity")];
    }
  }
}

interface Sum {
  readonly key: string;
  readonly name: string | null;
  readonly records: string;
  readonly tonnes: string;
  readonly value: string | null;
}

interface Totals {
  readonly totals: Omit<Sum, "key" | "name">;
  readonly items: readonly Sum[];
}

async function totals(
  io: Io,
  subject: Subject,
  groupBy: string,
  query: globalThis.Record<string, string>,
): Promise<void> {
  const answer = await readPath<Totals>(io, `/history/${subject}/totals`, { ...query, groupBy });
  io.json(answer);
  const rows: Sum[] = [...(groupBy === "none" ? [] : answer.items), { key: "together", name: null, ...answer.totals }];
  const table = createTable<Sum>([
    { title: groupBy === "none" ? "" : groupBy, of: ({ key }) => key },
    { title: "records", of: (one) => io.format.integer(one.records), right: true },
    { title: "tonnes", of: (one) => io.format.integer(one.tonnes), right: true },
    {
      title: subject === "trades" ? "value" : "",
      of: (one) => (one.value === null ? "" : io.format.integer(one.value)),
      right: true,
    },
    { title: "", of: ({ name }) => name ?? "" },
  ]);
  const lines = table.rows(rows);
  io.out(io.paint("bold", table.heading()));
  for (const line of lines) io.out(line);
}

interface Step {
  readonly kind: string;
  readonly since: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly blockNumber: number;
  readonly txHash: string;
}

interface Life {
  readonly projectCode: string;
  readonly projectName: string | null;
  readonly vintage: number;
  readonly steps: readonly Step[];
  readonly hasMoreSteps: boolean;
  readonly end: {
    readonly state: string;
    readonly account: string | null;
    readonly firm: string | null;
    readonly retirement: { readonly id: string; readonly beneficiary: string } | null;
    readonly cancellationId: string | null;
  };
}

async function life(io: Io, batch: string, serial: bigint): Promise<void> {
  const answer = await readPath<Life>(io, `/serials/${encodeURIComponent(`${batch}:${serial}`)}`);
  io.json(answer);
  const { state, firm, account, retirement, cancellationId } = answer.end;
  const fields: Field[] = [
    ["serial", `${io.format.integer(serial)} of ${batch}`],
    ["project", `${answer.projectCode} ${answer.projectName ?? ""}, vintage ${answer.vintage}`],
    ["now", state],
    ["by", firm ?? account],
    ["retirement", retirement === null ? null : `${retirement.id}, for ${retirement.beneficiary || "nobody named"}`],
    ["cancellation", cancellationId],
  ];
  for (const line of fieldLines(fields, "")) io.out(line);
  const table = createTable<Step>([
    { title: "when", of: ({ since }) => io.format.time(since) },
    { title: "what", of: ({ kind }) => kind },
    { title: "block", of: ({ blockNumber }) => io.format.integer(blockNumber), right: true },
    { title: "transaction", of: ({ txHash }) => txHash },
    { title: "to", of: ({ to }) => to ?? "" },
  ]);
  const rows = table.rows(answer.steps);
  io.out(io.paint("bold", table.heading()));
  for (const row of rows) io.out(row);
  if (answer.hasMoreSteps) io.note("There are more steps.");
}

/** One filter more. */
export function several(value: string, before: readonly string[]): string[] {
  if (!/^\w+=./s.test(value)) throw new InvalidArgumentError("A filter is a name, = and a value.");
  return [...before, value];
}

function queryOf(filters: readonly string[]): globalThis.Record<string, string> {
  return Object.fromEntries(
    filters.map((given) => {
      const at = given.indexOf("=");
      return [given.slice(0, at), given.slice(at + 1)];
    }),
  );
}

function textIn(record: Record, name: string): string {
  const value = record[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
