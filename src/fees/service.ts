import type { ExchangeCalls } from "../chain/exchange-calls.js";
import type { Db } from "../db/connection.js";
import type { Asker, Institution } from "../institution.js";
import { readFees, type FeesView } from "../ledger/read/fees.js";
import type { Clock } from "../market/ports.js";

export interface FeesOptions {
  readonly db: Db;
  readonly institution: Institution;
  readonly calls: ExchangeCalls;
  readonly clock: Clock;
}

/** A fee, and the moment (Unix time, in seconds) from which it is taken. */
export interface NewFee {
  readonly basisPoints: number;
  readonly from: number;
}

/** What the exchange takes of a trade. Acts return the operation's id. */
export interface Fees {
  get(): Promise<FeesView>;
  set(asker: Asker, fee: NewFee): Promise<string>;
  /** Announces it, for the delay of the role to begin. */
  schedule(asker: Asker, fee: NewFee): Promise<string>;
  setAccount(asker: Asker, account: string): Promise<string>;
  scheduleAccount(asker: Asker, account: string): Promise<string>;
}

export function createFees({ db, institution, calls, clock }: FeesOptions): Fees {
  return {
    get: () => readFees(db, BigInt(Math.floor(clock.now() / 1_000))),

    set: (asker, { basisPoints, from }) =>
      institution.act(asker, {
        kind: "fee.set",
        call: calls.setFee(basisPoints, from),
        request: { basisPoints, from },
      }),

    schedule: (asker, { basisPoints, from }) =>
      institution.act(asker, {
        kind: "fee.set.schedule",
        call: calls.scheduleFee(basisPoints, from),
        request: { basisPoints, from },
      }),

    setAccount: (asker, account) =>
      institution.act(asker, { kind: "fee-account.set", call: calls.setFeeAccount(account), request: { account } }),

    scheduleAccount: (asker, account) =>
      institution.act(asker, {
        kind: "fee-account.set.schedule",
        call: calls.scheduleFeeAccount(account),
        request: { account },
      }),
  };
}
