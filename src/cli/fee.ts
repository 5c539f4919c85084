import { Argument } from "commander";

import type { Fees } from "../client/types.js";
import { address, moment, wholeNumber } from "./arguments.js";
import type { Io, Register } from "./io.js";
import { clientOf } from "./lists.js";
import { DELAY_HELP, performDelayed, withSchedule, type SchedulingOptions } from "./scheduling.js";
import { fieldLines, type Field } from "./table.js";
import { createWording } from "./wording.js";

const HELP = `
The fee is in basis points of a trade's value, from each side: 25 are a quarter of one per cent. Orders that do not allow a new fee leave the
book before it begins.
${DELAY_HELP}

Examples:
  carbon fee show
  carbon fee account 0x...
  carbon fee set 25 --from 2027-01-01T00:00:00+07:00 --dry-run`;

/** `carbon fee`: what the exchange takes of a trade. */
export const registerFee: Register = (program, io) => {
  const fee = program.command("fee").description("what the exchange takes of a trade");
  fee
    .command("show")
    .description("the fee in force, the one that is announced, and who receives it")
    .addHelpText("after", HELP)
    .action(async () => {
      const fees = await clientOf(io).fees.get();
      io.json(fees);
      for (const line of fieldLines(await feeFields(io, fees), "")) io.out(line);
    });

  withSchedule(fee.command("set"))
    .description("announce another fee")
    .addArgument(new Argument("<basis-points>", "of the trade's value, from each side").argParser(basisPoints))
    .requiredOption("--from <time>", "when it begins", moment)
    .addHelpText("after", HELP)
    .action(async (points: number, { from, ...options }: SchedulingOptions & { readonly from: string }) => {
      const body = { basisPoints: points, from };
      await performDelayed(io, options, {
        title: "Announce another fee",
        fields: [
          ...(await feeFields(io, await clientOf(io).fees.get())),
          ["then", pointsOf(io, points)],
          ["from", io.format.time(from)],
        ],
        plan: { request: body },
        send: (client, write) => client.fees.set(body, write),
        schedule: (client, write) => client.fees.schedule(body, write),
      });
    });

  withSchedule(fee.command("account"))
    .description("name the account that receives fees")
    .addArgument(new Argument("<account>", "an active account of a participant").argParser(address))
    .addHelpText("after", HELP)
    .action(async (account: string, options: SchedulingOptions) => {
      await performDelayed(io, options, {
        title: "Name the receiver of fees",
        fields: [["account", await createWording(clientOf(io)).account(account)]],
        plan: { request: { account } },
        send: (client, write) => client.feeAccount.set(account, write),
        schedule: (client, write) => client.feeAccount.schedule(account, write),
      });
    });
};

/** How many are too many, the service says. */
function basisPoints(text: string): number {
  return Number(wholeNumber(text));
}

async function feeFields(io: Io, { basisPoints: points, next, account }: Fees): Promise<Field[]> {
  return [
    ["fee now", pointsOf(io, points)],
    ["announced", next === null ? "no change" : `${pointsOf(io, next.basisPoints)} from ${io.format.time(next.from)}`],
    ["received by", account === null ? "nobody yet" : await createWording(clientOf(io)).account(account)],
  ];
}

function pointsOf(io: Io, points: number): string {
  return `${io.format.integer(String(points))} basis points`;
}
