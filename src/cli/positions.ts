import { Argument } from "commander";

import { code, quantity } from "./arguments.js";
import { accountOf } from "./holdings.js";
import type { Register } from "./io.js";
import { clientOf, showList, withPages, type ListOptions } from "./lists.js";
import { performIntent, withSigning, type SigningOptions } from "./signing.js";

/** `carbon positions`: what is in trading. */
export const registerPositions: Register = (program, io) => {
  withPages(program.command("positions"))
    .description("units and money in trading")
    .option("--account <account>", "only this one: an address, or a key of this machine")
    .addHelpText("after", "\nExample:\n  carbon positions\n  carbon withdraw VN-1-2024 100      out of trading again")
    .action(async (options: ListOptions & { readonly account?: string }) => {
      const client = clientOf(io);
      const account = options.account === undefined ? undefined : await accountOf(io, options.account);
      await showList(io, options, {
        list: (page) => client.positions.list({ ...page, ...(account === undefined ? {} : { account }) }),
        columns: [
          { title: "account", of: (one) => one.account },
          { title: "what", of: (one) => one.batch ?? "money" },
          { title: "amount", of: (one) => io.format.integer(one.amount), right: true },
          { title: "promised", of: (one) => io.format.integer(one.reserved), right: true },
          { title: "leaving", of: (one) => io.format.integer(one.leaving), right: true },
          { title: "free", of: (one) => io.format.integer(one.available), right: true },
        ],
      });
    });
};

/** `carbon withdraw`: out of trading. */
export const registerWithdraw: Register = (program, io) => {
  withSigning(program.command("withdraw"))
    .description("take units or money out of trading")
    .addArgument(
      new Argument("<what>", "code of a batch, or the word cash").argParser((text) =>
        text === "cash" ? text : code(text),
      ),
    )
    .addArgument(new Argument("<amount>", "tonnes, or money in minor units").argParser(quantity))
    .addHelpText("after", "\nExamples:\n  carbon withdraw VN-1-2024 100 --dry-run\n  carbon withdraw cash 5000000")
    .action(async (what: string, amount: bigint, options: SigningOptions) => {
      const batch = what === "cash" ? null : what;
      const input = { batch, amount };
      await performIntent(io, options, {
        title: "Take out of trading",
        kind: "exchange-withdrawal",
        fields: async (wording) => [
          [
            "what",
            batch === null
              ? io.format.money(amount, await wording.currency())
              : `${io.format.tonnes(amount)} of ${await wording.batch(batch)}`,
          ],
        ],
        sign: (firm, terms) => firm.sign.withdrawal(input, terms),
        input,
        send: (client, body, write) => client.withdrawals.create(body, write),
      });
    });
};
