import type { Block } from "../client/types.js";
import type { Holding } from "../client/unit-types.js";
import { address, code, count } from "./arguments.js";
import type { Io, Register } from "./io.js";
import { findKeystore } from "./keystores.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import type { Column } from "./table.js";
import { serialsText } from "./wording.js";

interface Options extends ListOptions {
  readonly account?: string;
  readonly participant?: number;
  readonly batch?: string;
  readonly blocks?: true;
}

const HELP = `
An API key is needed: a participant's key sees its own holdings, those of institutions see all.

Examples:
  carbon holdings
  carbon holdings --batch VN-1-2024 --blocks
  carbon holdings --participant 4 --all --json`;

/** `carbon holdings`: who has which tonnes. */
export const registerHoldings: Register = (program, io) => {
  withPages(program.command("holdings"))
    .description("who holds which units, with their serials")
    .option("--account <account>", "only this account: an address, or a key of this machine")
    .option("--participant <number>", "only this participant", count)
    .option("--batch <code>", "only this batch", code)
    .option("--blocks", "with the serial blocks")
    .addHelpText("after", HELP)
    .action(async (options: Options) => list(io, options));
};

type Shown = Holding & { readonly blocks?: readonly Block[] };

async function list(io: Io, options: Options): Promise<void> {
  const { participant, batch, blocks } = options;
  const account = options.account === undefined ? undefined : await accountOf(io, options.account);
  const client = clientOf(io);
  const serials: Column<Shown> = { title: "serials", of: (one) => serialsText(one.blocks ?? []) };
  const frozen = (tonnes: string): string => (tonnes === "0" ? "" : io.format.integer(tonnes));
  await showList<Shown>(io, options, {
    list: async (page) => {
      const { items, next } = await client.holdings.list({
        ...page,
        ...(account === undefined ? {} : { account }),
        ...(participant === undefined ? {} : { participantId: participant }),
        ...(batch === undefined ? {} : { batch }),
      });
      if (blocks !== true) return { items, next };
      const whole: Shown[] = [];
      for (const item of items) {
        const serials: Block[] = [];
        for await (const block of client.holdings.blocks(item.account, item.batch)) serials.push(block);
        whole.push({ ...item, blocks: serials });
      }
      return { items: whole, next };
    },
    columns: [
      { title: "account", of: (one) => one.account },
      { title: "batch", of: (one) => one.batch },
      { title: "tonnes", of: (one) => io.format.integer(one.tonnes), right: true },
      { title: "frozen", of: (one) => frozen(one.frozenTonnes), right: true },
      ...(blocks === true ? [serials] : []),
    ],
  });
}

/** An address, or the name of a key of this machine. @throws CliError when it is neither */
export async function accountOf(io: Io, asked: string): Promise<string> {
  if (/^0x[0-9a-fA-F]{40}$/.test(asked)) return address(asked);
  const { address: own } = await findKeystore(io.env, asked);
  return own ?? asked;
}
