import { Exchange__factory } from "../../types/ethers-contracts/factories/Exchange__factory.js";
import { scheduleOf } from "./access-calls.js";
import { batchIdOf } from "./codes.js";
import { INSTRUMENT_KINDS } from "./exchange-event-types.js";
import type { LedgerAddresses } from "./events.js";
import type { CallPayload } from "./outbox/payloads.js";

const exchange = Exchange__factory.createInterface();

export type ExchangeCalls = ReturnType<typeof createExchangeCalls>;

/** The acts of institutions on the exchange, as contract calls. */
export function createExchangeCalls(addresses: Pick<LedgerAddresses, "AccessManager" | "Exchange">) {
  const toExchange = (data: string): CallPayload => ({ to: addresses.Exchange, data });
  const setFee = (basisPoints: number, from: number): CallPayload =>
    toExchange(exchange.encodeFunctionData("setFee", [basisPoints, from]));
  const setFeeAccount = (account: string): CallPayload =>
    toExchange(exchange.encodeFunctionData("setFeeAccount", [account]));
  return {
    /** Makes a batch tradable, once and for ever. */
    listInstrument: (batch: string, kind: "credit" | "allowance") =>
      toExchange(exchange.encodeFunctionData("listInstrument", [batchIdOf(batch), INSTRUMENT_KINDS.indexOf(kind)])),

    /** Hands out what is leaving of a position, without the delay. `batch` null: cash. */
    serveWithdrawal: (account: string, batch: string | null) =>
      toExchange(exchange.encodeFunctionData("serveWithdrawals", [[{ account, batchId: idOf(batch) }]])),

    /** Moves the position of a replaced account to its successor. `batch` null: cash. */
    recoverPosition: (account: string, batch: string | null) =>
      toExchange(exchange.encodeFunctionData("recover", [account, idOf(batch)])),

    /** The fee from a moment on (Unix time, in seconds). */
    setFee,
    /** Who receives fees. */
    setFeeAccount,
    /** See `scheduleOf`. */
    scheduleFee: (basisPoints: number, from: number) => scheduleOf(addresses, setFee(basisPoints, from)),
    scheduleFeeAccount: (account: string) => scheduleOf(addresses, setFeeAccount(account)),
  };
}

function idOf(batch: string | null): bigint {
  return batch === null ? 0n : batchIdOf(batch);
}
