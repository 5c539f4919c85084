/** Calls of institutions to `Units`, encoded for the lane of the account that signs them. */
import { IUnits__factory } from "../../types/ethers-contracts/factories/interfaces/IUnits__factory.js";
import { scheduleOf } from "./access-calls.js";
import { batchIdOf } from "./codes.js";
import type { LedgerAddresses } from "./events.js";
import type { CallPayload } from "./outbox/payloads.js";

const UNITS = IUnits__factory.createInterface();

export type UnitsCalls = ReturnType<typeof createUnitsCalls>;

/** `batch` is a code, amounts are in tonnes. */
export function createUnitsCalls(addresses: LedgerAddresses) {
  const toUnits = (data: string): CallPayload => ({ to: addresses.Units, data });
  const forcedTransfer = (from: string, to: string, batch: string, tonnes: bigint): CallPayload =>
    toUnits(UNITS.encodeFunctionData("forcedTransfer", [from, to, batchIdOf(batch), tonnes]));

  return {
    setFrozenTokens: (account: string, batch: string, tonnes: bigint): CallPayload =>
      toUnits(UNITS.encodeFunctionData("setFrozenTokens", [account, batchIdOf(batch), tonnes])),

    forcedTransfer,

    /** See `scheduleOf`. */
    scheduleForcedTransfer: (from: string, to: string, batch: string, tonnes: bigint): CallPayload =>
      scheduleOf(addresses, forcedTransfer(from, to, batch, tonnes)),

    /** Of everything; a batch by itself: see `createRegistryCalls`. */
    pause: (): CallPayload => toUnits(UNITS.encodeFunctionData("pause")),
    unpause: (): CallPayload => toUnits(UNITS.encodeFunctionData("unpause")),
  };
}
