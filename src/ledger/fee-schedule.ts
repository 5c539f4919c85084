/** The fee of the exchange, with the change that is announced. Basis points of a trade's value; `nextFrom` is Unix time, 0: no change. */
export interface FeeSchedule {
  readonly basisPoints: number;
  readonly nextBasisPoints: number;
  readonly nextFrom: number;
}

const NO_FEE: FeeSchedule = { basisPoints: 0, nextBasisPoints: 0, nextFrom: 0 };

/** The schedule after `FeeSet`: what is in force at that moment stays so until the new one begins. */
export function feeScheduleAfter(
  before: FeeSchedule,
  set: { readonly basisPoints: number; readonly from: number },
  now: bigint,
): FeeSchedule {
  return { basisPoints: feeAt(before, now), nextBasisPoints: set.basisPoints, nextFrom: set.from };
}

/** The fee in force at a moment (Unix time), in basis points. */
export function feeAt({ basisPoints, nextBasisPoints, nextFrom }: FeeSchedule, now: bigint): number {
  return nextFrom !== 0 && now >= BigInt(nextFrom) ? nextBasisPoints : basisPoints;
}

/** The schedule as `ledger_state` keeps it; no fee when none was ever set. */
export function readFeeSchedule(text: string | undefined): FeeSchedule {
  return text === undefined ? NO_FEE : (JSON.parse(text) as FeeSchedule);
}
