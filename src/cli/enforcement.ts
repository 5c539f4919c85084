import { Argument, type Command } from "commander";

import { perform, withAct, type ActOptions } from "./acts.js";
import { address, code, hash, quantity } from "./arguments.js";
import { CliError } from "./errors.js";
import type { Io, Register } from "./io.js";
import { clientOf } from "./lists.js";
import type { Field } from "./table.js";
import { createWording, type Wording } from "./wording.js";

/** What institutions may do about units that are not theirs. */

const which = (command: Command): Command =>
  command
    .addArgument(new Argument("<account>", "whose units").argParser(address))
    .addArgument(new Argument("<batch>", "code of the batch").argParser(code));

const FREEZE_HELP = `
Needs the API key of a compliance officer. The amount takes the place of an earlier one, and may exceed what the account holds.

Examples:
  carbon freeze 0x... VN-1-2024 500
  carbon unfreeze 0x... VN-1-2024`;

/** `carbon freeze`: what a holder may not move. */
export const registerFreeze: Register = (program, io) => {
  which(withAct(program.command("freeze")))
    .description("set the tonnes of a batch that an account may not move")
    .addArgument(new Argument("<tonnes>", "so many in all, from now on").argParser(quantity))
    .addHelpText("after", FREEZE_HELP)
    .action(async (account: string, batch: string, tonnes: bigint, options: ActOptions) =>
      freeze(io, options, account, batch, tonnes),
    );
};

/** `carbon unfreeze`: the holder may move all again. */
export const registerUnfreeze: Register = (program, io) => {
  which(withAct(program.command("unfreeze")))
    .description("let an account move all its units of a batch again")
    .addHelpText("after", FREEZE_HELP)
    .action(async (account: string, batch: string, options: ActOptions) => freeze(io, options, account, batch, 0n));
};

async function freeze(io: Io, options: ActOptions, account: string, batch: string, tonnes: bigint): Promise<void> {
  const fields = await holdingFields(io, createWording(clientOf(io)), account, batch);
  await perform(io, options, {
    title: tonnes === 0n ? "Free units that are frozen" : "Freeze units",
    fields: [...fields, ["frozen from now on", io.format.tonnes(tonnes)]],
    plan: { request: { tonnes } },
    send: (client, write) => client.holdings.freeze(account, batch, tonnes, write),
  });
}

/** Whose units they are, and how many there are. */
async function holdingFields(io: Io, wording: Wording, account: string, batch: string): Promise<Field[]> {
  const { items } = await clientOf(io).holdings.list({ account, batch });
  const { tonnes = "0", frozenTonnes = "0" } = items[0] ?? {};
  return [
    ["account", await wording.account(account)],
    ["batch", await wording.batch(batch)],
    ["held now", io.format.tonnes(tonnes)],
    ["frozen now", io.format.tonnes(frozenTonnes)],
  ];
}

const FORCE_HELP = `
By order of a court or an authority, with the API key of the enforcement role. Where that role has a delay, schedule the transfer first
with --schedule; once the delay is over, the same command without it carries it out. Until then a guardian can cancel it.

Examples:
  carbon forced-transfer 0x... VN-1-2024 500 --to 0x... --dry-run
  carbon forced-transfer 0x... VN-1-2024 500 --to 0x... --schedule
  carbon scheduled cancel 0x...`;

interface Forcing extends ActOptions {
  readonly to: string;
  readonly schedule?: true;
}

/** `carbon forced-transfer`: units go without their holder. */
export const registerForcedTransfer: Register = (program, io) => {
  which(withAct(program.command("forced-transfer")))
    .description("move units without their holder")
    .addArgument(new Argument("<tonnes>", "how many").argParser(quantity))
    .requiredOption("--to <account>", "who gets them", address)
    .option("--schedule", "announce it, so that the delay of the role begins")
    .addHelpText("after", FORCE_HELP)
    .action(async (account: string, batch: string, tonnes: bigint, options: Forcing) => {
      const { to, schedule } = options;
      const wording = createWording(clientOf(io));
      const body = { to, tonnes };
      await perform(io, options, {
        title: schedule === true ? "Schedule a forced transfer" : "Move units without their holder",
        fields: [
          ...(await holdingFields(io, wording, account, batch)),
          ["to", await wording.account(to)],
          ["moved", io.format.tonnes(tonnes)],
        ],
        plan: { request: body },
        send: (client, write) =>
          schedule === true
            ? client.holdings.scheduleForcedTransfer(account, batch, body, write)
            : client.holdings.forceTransfer(account, batch, body, write),
        hint: () => (schedule === true ? "When the delay is over: the same command without --schedule." : null),
      });
    });
};

/** `carbon scheduled`: acts that wait for their delay. */
export const registerScheduled: Register = (program, io) => {
  const scheduled = program.command("scheduled").description("acts that wait for their delay");
  withAct(scheduled.command("cancel"))
    .description("cancel one: a guardian, an administrator, or whoever scheduled it")
    .addArgument(new Argument("<id>", "scheduledOperationId of what scheduled it").argParser(hash))
    .addHelpText(
      "after",
      "\nWhat was scheduled: carbon operations list --kind holding.forced-transfer.schedule\n\nExample:\n  carbon scheduled cancel 0x...",
    )
    .action(async (id: string, options: ActOptions) => {
      await perform(io, options, {
        title: "Cancel an act that waits for its delay",
        fields: [["scheduled operation", id]],
        send: (client, write) => client.scheduledOperations.cancel(id, write),
      });
    });
};

const PAUSE_HELP = `
A guardian's API key pauses, a compliance officer's lets things move again. A batch that is paused by itself stays so.

Examples:
  carbon pause --reason "Suspicious transfers"
  carbon pause --batch VN-1-2024
  carbon pause --cash
  carbon unpause --batch VN-1-2024`;

interface Pausing extends ActOptions {
  readonly batch?: string;
  readonly cash?: true;
  readonly reason?: string;
}

/** `carbon pause`: nothing moves. */
export const registerPause: Register = (program, io) => {
  withAct(program.command("pause"))
    .description("stop every movement of all units, of a batch, or of money")
    .option("--batch <code>", "of this batch alone", code)
    .option("--cash", "of money")
    .option("--reason <reason>", "why, of all units or of money")
    .addHelpText("after", PAUSE_HELP)
    .action(async (options: Pausing) => {
      const { batch, cash, reason } = options;
      await perform(io, options, {
        title: "Stop every movement",
        fields: [...(await scope(io, options)), ["reason", reason ?? null]],
        send: (client, write) => {
          if (cash === true) return client.cash.pause(reason, write);
          return batch === undefined ? client.units.pause(reason, write) : client.batches.pause(batch, write);
        },
      });
    });
};

/** `carbon unpause`: units move again. */
export const registerUnpause: Register = (program, io) => {
  withAct(program.command("unpause"))
    .description("let units move again, all or those of a batch, or money")
    .option("--batch <code>", "of this batch alone", code)
    .option("--cash", "money")
    .addHelpText("after", PAUSE_HELP)
    .action(async (options: Pausing) => {
      const { batch, cash } = options;
      await perform(io, options, {
        title: "Let it move again",
        fields: await scope(io, options),
        send: (client, write) => {
          if (cash === true) return client.cash.unpause(write);
          return batch === undefined ? client.units.unpause(write) : client.batches.unpause(batch, write);
        },
      });
    });
};

async function scope(io: Io, { batch, cash }: Pausing): Promise<Field[]> {
  if (cash === true && batch !== undefined) throw new CliError("Either --batch or --cash.");
  if (cash === true) return [["of", "money"]];
  return [["of", batch === undefined ? "every batch" : await createWording(clientOf(io)).batch(batch)]];
}
