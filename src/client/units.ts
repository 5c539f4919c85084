import { collection, paged, read, segment, write, type Collection } from "./calls.js";
import { holdingProof } from "./proofs.js";
import type { ForcedTransfer, ReadOptions, SignedBody, WriteOptions } from "./requests.js";
import type { Transport } from "./transport.js";
import type { Address, Block, Day, Operation, Quantity } from "./types.js";
import type { CancellationReason, Holding, Purpose, Transfer } from "./unit-types.js";

export function holdings(send: Transport) {
  const path = "/v1/holdings";
  const at = (account: Address, batch: string): string => `${path}/${segment(account)}/${segment(batch)}`;
  type Filters = { account?: Address; participantId?: number; batch?: string };
  const { list, all } = collection<Holding, Filters>(send, path);
  return {
    list,
    all,
    get: (account: Address, batch: string, o?: ReadOptions) => read<Holding>(send, at(account, batch), o),
    blocks: (account: Address, batch: string, filter?: ReadOptions): AsyncGenerator<Block, void, undefined> =>
      paged<Block, object>((page) => read(send, `${at(account, batch)}/blocks`, page)).all(filter),
    proof: holdingProof(send),
    /** Sets the amount that the holder may not move. */
    freeze: (account: Address, batch: string, tonnes: Quantity, o?: WriteOptions) =>
      write(send, `${at(account, batch)}/freeze`, { tonnes }, o),
    /** Moves units without the holder. Where the role has a delay, it must be scheduled first. */
    forceTransfer: (account: Address, batch: string, body: ForcedTransfer, o?: WriteOptions) =>
      write(send, `${at(account, batch)}/forced-transfer`, body, o),
    scheduleForcedTransfer: (account: Address, batch: string, body: ForcedTransfer, o?: WriteOptions) =>
      write(send, `${at(account, batch)}/forced-transfer/schedule`, body, o),
  };
}

/** Acts of a holder: with a signed intent (`createFirm` makes them), or in the name of a managed account with its API key. */
export interface HolderActs<Item, Filter extends object, Input, Result extends object> extends Collection<
  Item,
  Filter
> {
  readonly create: (body: Input | SignedBody, options?: WriteOptions) => Promise<Operation<Result>>;
}

export function acts<Item, Filter extends object, Input, Result extends object>(
  send: Transport,
  path: string,
): HolderActs<Item, Filter, Input, Result> {
  return { ...collection<Item, Filter>(send, path), create: (body, o) => write<Result>(send, path, body, o) };
}

export interface ActFilter {
  readonly account?: Address;
  readonly participantId?: number;
  readonly batch?: string;
  /** First and last day, UTC. */
  readonly from?: Day;
  readonly to?: Day;
}

/** Accounts and participants on either side. */
export interface TransferFilter extends ActFilter {
  readonly kind?: Transfer["kind"];
  readonly fromBlock?: number;
  readonly toBlock?: number;
}

export interface RetirementFilter extends ActFilter {
  readonly projectCode?: string;
  readonly vintage?: number;
  readonly purpose?: Purpose;
  /** Part of the name, in any case of letters. */
  readonly beneficiary?: string;
  readonly beneficiaryId?: string;
  readonly country?: string;
}

export interface CancellationFilter extends ActFilter {
  readonly projectCode?: string;
  readonly vintage?: number;
  readonly reason?: CancellationReason;
}
