import type { Command } from "commander";

import { perform, withAct, type Act, type ActOptions } from "./acts.js";
import type { Io } from "./io.js";

export interface SchedulingOptions extends ActOptions {
  readonly schedule?: true;
}

/** What to say of it in the help of a command. */
export const DELAY_HELP = `
To set it needs an API key of the role admin: carbon api-keys create --scope role --role admin --account ... makes one, carbon chain names the
account. Where that role has a delay, schedule it first with --schedule; once the delay is over, the same command without it does it.`;

/** An act of a role that may have a delay. */
export interface DelayedAct extends Omit<Act, "hint"> {
  /** Announces it. */
  readonly schedule: Act["send"];
}

export function withSchedule(command: Command): Command {
  return withAct(command).option("--schedule", "announce it, so that the delay of the role begins");
}

/** As `perform`; with `--schedule` it is announced, not done. */
export async function performDelayed(
  io: Io,
  options: SchedulingOptions,
  { schedule, ...act }: DelayedAct,
): Promise<void> {
  if (options.schedule !== true) await perform(io, options, act);
  else {
    await perform(io, options, {
      ...act,
      title: `${act.title}: its announcement`,
      send: schedule,
      hint: () => "When the delay is over: the same command without --schedule.",
    });
  }
}
