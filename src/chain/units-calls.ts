/** Calls of institutions to `Units`, encoded for the lane of the account that signs them. */
import { IUnits__factory } from "../../types/ethers-contracts/factories/interfaces/IUnits__factory.js";
import { LedgerAccess__factory } from "../../types/ethers-contracts/factories/LedgerAccess__factory.js";
import { batchIdOf } from "./codes.js";
import type { LedgerAddresses } from "./events.js";
import type { CallPayload } from "./outbox/payloads.js";

const UNITS = IUnits__factory.createInterface();
const ACCESS = LedgerAccess__factory.createInterface();

export type UnitsCalls = ReturnType<typeof createUnitsCalls>;

/** `batch` is a code, amounts are in tonnes. */
export function createUnitsCalls(addresses: LedgerAddresses) {
  const toUnits = (data: string): CallPayload => ({ to: addresses.Units, data });
  const forced = (from: string, to: string, batch: string, tonnes: bigint): string =>
    UNITS.encodeFunctionData("forcedTransfer", [from, to, batchIdOf(batch), tonnes]);

  return {
    setFrozenTokens: (account: string, batch: string, tonnes: bigint): CallPayload =>
      toUnits(UNITS.encodeFunctionData("setFrozenTokens", [account, batchIdOf(batch), tonnes])),

    forcedTransfer: (from: string, to: string, batch: string, tonnes: bigint): CallPayload =>
      toUnits(forced(from, to, batch, tonnes)),

    /** Announces exactly this forced transfer to the access manager: it may be made once the delay of the role is over. */
    scheduleForcedTransfer: (from: string, to: string, batch: string, tonnes: bigint): CallPayload => ({
      to: addresses.AccessManager,
      data: ACCESS.encodeFunctionData("schedule", [addresses.Units, forced(from, to, batch, tonnes), 0]),
    }),
  };
}
