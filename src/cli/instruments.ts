import { Argument, Option, type Command } from "commander";

import type { CalendarName, Instrument, InstrumentKind } from "../client/market-types.js";
import { judged, perform, tellPlan, withAct, withDryRun, type ActOptions } from "./acts.js";
import { code, quantity, wholeNumber } from "./arguments.js";
import type { Io, Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { fieldLines, printable, type Field } from "./table.js";
import { createWording } from "./wording.js";

const HELP = `
A registrar makes a batch tradable, for ever; then the exchange operator says how: smallest step of a price, band around the reference
price, hours. A guardian or a compliance officer can halt a market. Prices are whole minor units, per tonne.

Examples:
  carbon instruments
  carbon instruments show VN-1-2024
  carbon instruments create VN-1-2024 --kind credit
  carbon instruments define VN-1-2024 --tick 100 --band 700 --reference 136000 --calendar vietnam
  carbon instruments halt VN-1-2024 --reason "News about the project"`;

/** `carbon instruments`: what can be traded, and how. */
export const registerInstruments: Register = (program, io) => {
  const instruments = program
    .command("instruments")
    .description("what can be traded, whether it can now, and how")
    .addHelpText("after", HELP);
  addReads(instruments, io);
  addListing(instruments, io);
  addDefinition(instruments, io);
  addStops(instruments, io);
};

const which = (): Argument => new Argument("<batch>", "its code").argParser(code);

function addReads(instruments: Command, io: Io): void {
  withPages(instruments.command("list", { isDefault: true }))
    .description("what can be traded, and whether it can now; what carbon instruments alone does")
    .action(async (options: ListOptions) => {
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) => client.instruments.list(page),
        columns: [
          { title: "batch", of: (one) => one.batch },
          { title: "kind", of: (one) => one.kind },
          { title: "now", of: stateOf },
          { title: "tick", of: (one) => (one.market === null ? "-" : io.format.integer(one.market.tick)), right: true },
          { title: "prices", of: ({ market }) => bandOf(io, market?.priceBand ?? null) },
          { title: "currency", of: (one) => one.market?.currency ?? "-" },
        ],
      });
    });
  instruments
    .command("show")
    .description("an instrument, and how it is traded")
    .addArgument(which())
    .action(async (batch: string) => tellInstrument(io, await clientOf(io).instruments.get(batch)));
  withPages(instruments.command("decisions"))
    .description("what was decided about a market, the latest first")
    .addArgument(which())
    .action(async (batch: string, options: ListOptions) => {
      const client = clientOf(io);
      await showList(io, options, {
        list: (page) => client.instruments.decisions(batch, page),
        columns: [
          { title: "when", of: ({ at }) => io.format.time(at) },
          { title: "what", of: ({ kind }) => kind },
          { title: "by", of: ({ role }) => role },
          {
            title: "",
            of: ({ body }) =>
              Object.entries(body)
                .filter(([, value]) => value !== null)
                .map(([name, value]) => `${name}: ${String(value)}`)
                .join(", "),
          },
        ],
      });
    });
}

function stateOf({ market, isOpen }: Instrument): string {
  if (market === null) return "not defined";
  return market.state === "halted" ? "halted" : isOpen ? "open" : "closed";
}

function bandOf(io: Io, band: { readonly low: string; readonly high: string } | null): string {
  return band === null ? "any" : `${io.format.integer(band.low)} to ${io.format.integer(band.high)}`;
}

function tellInstrument(io: Io, instrument: Instrument): void {
  io.json(instrument);
  const { batch, kind, market, isOpen, nextOpen, nextClose } = instrument;
  const state = stateOf(instrument);
  const isHalted = state === "halted";
  io.out(`${io.paint(state === "open" ? "good" : "bad", state)}  ${printable(batch)}`);
  const integer = (value: string | null | undefined): string | null =>
    typeof value === "string" ? io.format.integer(value) : null;
  const time = (at: string | null): string | null => (at === null ? null : io.format.time(at));
  const fields: Field[] = [
    ["kind", kind],
    [isHalted ? "halted because" : "resumed because", market?.stateReason ?? null],
    ["prices are multiples of", integer(market?.tick)],
    ["reference price", integer(market?.referencePrice)],
    ["prices today", market === null ? null : bandOf(io, market.priceBand)],
    ["calendar", market?.calendar ?? null],
    ["currency", market?.currency ?? null],
    [isOpen ? "closes" : "opens", isHalted ? null : time(isOpen ? nextClose : nextOpen)],
  ];
  for (const line of fieldLines(fields)) io.out(line);
}

function addListing(instruments: Command, io: Io): void {
  withAct(instruments.command("create"))
    .description("registrar: make a batch tradable, for ever")
    .addArgument(which())
    .addOption(new Option("--kind <kind>", "what it is").choices(["credit", "allowance"]).makeOptionMandatory())
    .action(async (batch: string, options: ActOptions & { readonly kind: InstrumentKind }) => {
      await perform(io, options, {
        title: "Make a batch tradable, for ever",
        fields: [
          ["batch", await createWording(clientOf(io)).batch(batch)],
          ["as", options.kind],
        ],
        plan: { request: { batch, kind: options.kind } },
        send: (client, write) => client.instruments.create(batch, options.kind, write),
      });
    });
}

interface Definition {
  readonly tick: bigint;
  readonly band?: bigint;
  readonly reference?: bigint;
  readonly calendar: CalendarName;
  readonly dryRun?: true;
}

function addDefinition(instruments: Command, io: Io): void {
  withDryRun(instruments.command("define"))
    .description("exchange operator: say how it is traded, or say it anew")
    .addArgument(which())
    .requiredOption("--tick <amount>", "prices are multiples of it", quantity)
    .option("--band <basis-points>", "how far prices may be from the reference; any when left out", wholeNumber)
    .option("--reference <amount>", "reference price from now on; as it was when left out", quantity)
    .addOption(new Option("--calendar <name>", "trading hours").choices(["vietnam", "always-open"]).default("vietnam"))
    .action(async (batch: string, { tick, band, reference, calendar, dryRun }: Definition) => {
      const body = {
        ...{ tick, calendar, bandBasisPoints: band === undefined ? null : Number(band) },
        ...(reference === undefined ? {} : { referencePrice: reference }),
      };
      const fields: Field[] = [
        ["batch", batch],
        ["prices are multiples of", io.format.integer(tick)],
        ["prices are", band === undefined ? "any" : `within ${Number(band) / 100} % of the reference`],
        ["reference price", reference === undefined ? "as it was" : io.format.integer(reference)],
        ["hours", calendar],
      ];
      if (dryRun === true) {
        tellPlan(io, "Say how a batch is traded", fields, { request: body });
        return;
      }
      await judged(io, `carbon instruments show ${batch} says so.`, async () =>
        tellInstrument(io, await clientOf(io).instruments.define(batch, body)),
      );
    });
}

function addStops(instruments: Command, io: Io): void {
  for (const verb of ["halt", "resume"] as const) {
    withDryRun(instruments.command(verb))
      .description(verb === "halt" ? "let no order in; those in the book stay" : "let a halted market go on")
      .addArgument(which())
      .requiredOption("--reason <reason>", "why, for everybody to read")
      .action(async (batch: string, { reason, dryRun }: { readonly reason: string; readonly dryRun?: true }) => {
        if (dryRun === true) {
          const title = verb === "halt" ? "Halt a market" : "Let a halted market go on";
          const fields: Field[] = [
            ["batch", batch],
            ["reason", reason],
          ];
          tellPlan(io, title, fields, {});
          return;
        }
        await judged(io, "The same command can be given again.", async () =>
          tellInstrument(io, await clientOf(io).instruments[verb](batch, reason)),
        );
      });
  }
}
