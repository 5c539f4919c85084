import type { AccountStatus, FirstTransfer } from "../../chain/event-types.js";
import type { Db } from "../../db/connection.js";
import type { Page, PageRequest } from "./page.js";
import type { ParticipantView } from "./participants.js";
import type { PositionView } from "./positions.js";
import type { HoldingView } from "./units.js";

/** A block that the answer is as of. `timestamp` is Unix time in seconds. */
export interface Moment {
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly timestamp: bigint;
}

/** Tonnes and labels of a batch. */
export interface BatchAt {
  readonly code: string;
  readonly project: string;
  readonly statementId: string;
  readonly vintage: number;
  readonly issuedTonnes: bigint;
  readonly heldTonnes: bigint;
  readonly retiredTonnes: bigint;
  readonly cancelledTonnes: bigint;
  readonly bufferTonnes: bigint;
  /** Bit set: see `Authorisations.sol`. */
  readonly authorisations: number;
  readonly firstTransfer: FirstTransfer;
  readonly authorisationDocumentHash: string | null;
  readonly authorisationRevoked: boolean;
  readonly paused: boolean;
  readonly issuedBlock: bigint;
  /** The block that it last changed in. */
  readonly changedBlock: bigint;
}

/** A participant, with the accounts that it had. */
export interface ParticipantAt extends ParticipantView {
  readonly accounts: readonly { readonly address: string; readonly status: AccountStatus }[];
}

export interface HoldingAtFilter {
  readonly account?: string | undefined;
  readonly batch?: string | undefined;
  readonly participantId?: number | undefined;
}

export interface SupplyAtFilter {
  readonly project?: string | undefined;
  readonly batch?: string | undefined;
}

export interface ParticipantAtFilter {
  readonly id?: number | undefined;
}

/** `batch`: the empty text for cash. */
export type PositionAtFilter = HoldingAtFilter;
export type PositionAt = PositionView;

/**
 * The block that a question about the past is about: the one asked for, or the last one up to an instant (Unix seconds); with neither, the
 * latest that is known.
 * @throws Problem `as-of-future`, `as-of-too-early`
 */
export async function momentOf(
  _db: Db,
  _asked: { readonly block?: bigint | undefined; readonly at?: bigint | undefined },
): Promise<Moment> {
  return await Promise.reject(new Error("not there"));
}

/** Holdings by account and batch, as they were after a block. */
export async function holdingsAt(
  _db: Db,
  _moment: Moment,
  _filter: HoldingAtFilter,
  _page: PageRequest,
): Promise<Page<HoldingView>> {
  return await Promise.resolve({ items: [], next: null });
}

/** Batches by code: their tonnes, and what they were good for. */
export async function supplyAt(
  _db: Db,
  _moment: Moment,
  _filter: SupplyAtFilter,
  _page: PageRequest,
): Promise<Page<BatchAt>> {
  return await Promise.resolve({ items: [], next: null });
}

/** Participants by number. */
export async function participantsAt(
  _db: Db,
  _moment: Moment,
  _filter: ParticipantAtFilter,
  _page: PageRequest,
): Promise<Page<ParticipantAt>> {
  return await Promise.resolve({ items: [], next: null });
}

/** What the exchange owed, by account and batch; cash comes first. */
export async function positionsAt(
  _db: Db,
  _moment: Moment,
  _filter: PositionAtFilter,
  _page: PageRequest,
): Promise<Page<PositionAt>> {
  return await Promise.resolve({ items: [], next: null });
}
