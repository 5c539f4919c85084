/** Calls to the access manager: acts that wait for the delay of their role. */
import { LedgerAccess__factory } from "../../types/ethers-contracts/factories/LedgerAccess__factory.js";
import type { LedgerAddresses } from "./events.js";
import type { CallPayload } from "./outbox/payloads.js";

const ACCESS = LedgerAccess__factory.createInterface();

/** What was scheduled: who scheduled it, and the call. */
export interface ScheduledCall extends CallPayload {
  readonly caller: string;
}

type Access = Pick<LedgerAddresses, "AccessManager">;

/** Announces exactly this call: its sender may make it once the delay of the role is over. */
export function scheduleOf({ AccessManager }: Access, { to, data }: CallPayload): CallPayload {
  // No time is named: as soon as the delay allows.
  return { to: AccessManager, data: ACCESS.encodeFunctionData("schedule", [to, data, 0]) };
}

/** Takes an announcement back. */
export function cancellationOf({ AccessManager }: Access, { caller, to, data }: ScheduledCall): CallPayload {
  return { to: AccessManager, data: ACCESS.encodeFunctionData("cancel", [caller, to, data]) };
}
