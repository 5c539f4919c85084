import { sql, type RawBuilder } from "kysely";

import type { AccountStatus } from "../../chain/event-types.js";
import type { Db } from "../../db/connection.js";
import { Problem } from "../../errors.js";
import type { Row } from "../row-cache.js";
import { encodeCursor, pageBounds, readPage, type Page, type PageRequest } from "./page.js";
import { participantView, type ParticipantView } from "./participants.js";
import type { PositionView } from "./positions.js";
import type { BatchView } from "./registry.js";
import type { HoldingView } from "./units.js";

/** A block that the answer is as of. `timestamp` is Unix time in seconds. */
export interface Moment {
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly timestamp: bigint;
}

/** Tonnes and labels of a batch. */
export interface BatchAt extends Omit<BatchView, "foreignBlock" | "txHash" | "blockNumber"> {
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
 * @param now Unix seconds.
 * @throws Problem `as-of-future`, `as-of-too-early`
 */
export async function momentOf(
  db: Db,
  asked: { readonly block?: bigint | undefined; readonly at?: bigint | undefined },
  now: bigint = BigInt(Math.floor(Date.now() / 1_000)),
): Promise<Moment> {
  const order = db.selectFrom("blocks").selectAll();
  const head = await order.orderBy("number", "desc").limit(1).executeTakeFirst();
  if (head === undefined) throw new Problem("as-of-too-early", "No block of the ledger is known yet.");
  const { block, at } = asked;
  if (block !== undefined) {
    if (block > head.number) throw new Problem("as-of-future", `The latest known block is ${head.number}.`);
    const found = await order.where("number", "=", block).executeTakeFirst();
    if (found === undefined) throw new Problem("as-of-too-early");
    return momentView(found);
  }
  if (at === undefined) return momentView(head);
  // The clock of the chain may be ahead of ours.
  if (at > now && at > head.timestamp) throw new Problem("as-of-future");
  const found = await order
    .where("timestamp", "<=", at)
    .orderBy("timestamp", "desc")
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst();
  if (found === undefined) throw new Problem("as-of-too-early");
  return momentView(found);
}

/** Holdings by account and batch, as they were after a block. */
export async function holdingsAt(
  db: Db,
  { blockNumber }: Moment,
  { account, batch, participantId }: HoldingAtFilter,
  page: PageRequest,
): Promise<Page<HoldingView>> {
  const rows = sql<HoldingRow>`(
    select k.account, k.batch_code, a.participant_id, m.balance, m.frozen from holding_keys k
    cross join lateral (select balance, frozen from unit_movements where account = k.account and batch_code = k.batch_code
      and block_number <= ${blockNumber} order by block_number desc, log_index desc limit 1) m
    left join lateral ${ownerAt(blockNumber)} a on true
    where (m.balance > 0 or m.frozen > 0) and ${keyConditions({ account, batch, participantId })})`;
  const query = db.selectFrom(rows.as("p")).selectAll("p");
  return await readPage(query, BY_HOLDING, "asc", page, (row) => ({
    account: row.account,
    participantId: row.participant_id,
    batch: row.batch_code,
    tonnes: row.balance,
    frozenTonnes: row.frozen,
  }));
}

/** Batches by code: their tonnes, and what they were good for. */
export async function supplyAt(
  db: Db,
  { blockNumber }: Moment,
  { project, batch }: SupplyAtFilter,
  page: PageRequest,
): Promise<Page<BatchAt>> {
  const ofProject = project === undefined ? sql`true` : sql`k.project_code = ${project}`;
  const ofBatch = batch === undefined ? sql`true` : sql`k.code = ${batch}`;
  const rows = sql<Row<"batch_versions">>`(
    select v.* from batches k cross join lateral (select * from batch_versions where code = k.code
      and block_number <= ${blockNumber} order by block_number desc limit 1) v
    where not v.gone and ${ofProject} and ${ofBatch})`;
  const query = db.selectFrom(rows.as("p")).selectAll("p");
  return await readPage(query, [{ column: "p.code", kind: "text" }], "asc", page, batchAt);
}

/** Participants by number. */
export async function participantsAt(
  db: Db,
  { blockNumber }: Moment,
  { id }: ParticipantAtFilter,
  page: PageRequest,
): Promise<Page<ParticipantAt>> {
  const wanted = id === undefined ? sql`true` : sql`k.id = ${id}`;
  const rows = sql<Row<"participant_versions">>`(
    select v.* from participants k cross join lateral (select * from participant_versions where id = k.id
      and block_number <= ${blockNumber} order by block_number desc limit 1) v
    where not v.gone and ${wanted})`;
  const query = db.selectFrom(rows.as("p")).selectAll("p");
  const found = await readPage(query, [{ column: "p.id", kind: "int4" }], "asc", page, participantView);
  const accounts = await accountsAt(
    db,
    blockNumber,
    found.items.map((participant) => participant.id),
  );
  const items = found.items.map((participant) => ({ ...participant, accounts: accounts.get(participant.id) ?? [] }));
  return { ...found, items };
}

/**
 * What the exchange owed, by account and batch; cash comes first. Goes from key to key until the page is full, so that a page costs what it
 * shows where most keys fit, and looks at more at once where few do.
 * @throws Problem `cursor-invalid`
 */
export async function positionsAt(
  db: Db,
  { blockNumber }: Moment,
  filter: PositionAtFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<PositionAt>> {
  const found: PositionRow[] = [];
  let { after } = pageBounds(POSITION_KEYS, "asc", cursor);
  let count = limit + 1;
  for (;;) {
    const { rows } = await sql<PositionRow>`
      select k.account, k.batch_code, a.participant_id, v.amount, v.leaving, v.available_at,
        coalesce(not v.gone and ${keyConditions(filter)}, false) as fits
      from (${positionKeys(filter.account, { after, count })}) k
      left join lateral (select * from position_versions where account = k.account and batch_code = k.batch_code
        and block_number <= ${blockNumber} order by block_number desc limit 1) v on true
      left join lateral ${ownerAt(blockNumber)} a on true
      order by k.account, k.batch_code`.execute(db);
    found.push(...rows.filter(({ fits }) => fits));
    const last = rows.at(-1);
    if (found.length > limit || last === undefined || rows.length < count) break;
    after = sql<boolean>`(account, batch_code) > (${last.account}, ${last.batch_code})`;
    count = Math.min(8 * count, MOST_KEYS_AT_ONCE);
  }
  const items = found.slice(0, limit);
  const end = items.at(-1);
  const next = found.length > limit && end !== undefined ? encodeCursor([end.account, end.batch_code]) : null;
  return { items: items.map(positionAt), next };
}

const POSITION_KEYS = [
  { column: "account", kind: "text" },
  { column: "batch_code", kind: "text" },
] as const;
const MOST_KEYS_AT_ONCE = 20_000;

function positionAt(row: PositionRow): PositionAt {
  return {
    account: row.account,
    participantId: row.participant_id,
    batch: row.batch_code === "" ? null : row.batch_code,
    amount: row.amount,
    leaving: row.leaving,
    availableAt: row.leaving === 0n ? null : row.available_at,
  };
}

/**
 * A query for every account and batch (`account`, `batch_code`) that ever had a position, of one account or of all, in their order: from key
 * to key of the index, however many versions lie between them.
 * @param part Those for which `after` holds, and so many of them at most; all when left out.
 */
export function positionKeys(
  account?: string,
  part: { readonly after: RawBuilder<boolean>; readonly count: number } = {
    after: sql<boolean>`true`,
    count: 2 ** 31 - 1,
  },
): RawBuilder<unknown> {
  const own = account === undefined ? sql`true` : sql`account = ${account}`;
  const next = sql`order by account, batch_code limit 1`;
  return sql`with recursive keys as (
      (select account, batch_code, 1 as n from position_versions where ${own} and ${part.after} ${next})
      union all
      select n.account, n.batch_code, keys.n + 1 from keys cross join lateral (select account, batch_code from position_versions
        where (account, batch_code) > (keys.account, keys.batch_code) and ${own} ${next}) n where keys.n < ${part.count})
    select account, batch_code from keys`;
}

const BY_HOLDING = [
  { column: "p.account", kind: "text" },
  { column: "p.batch_code", kind: "text" },
] as const;

interface KeyRow {
  readonly account: string;
  readonly batch_code: string;
  readonly participant_id: number | null;
}

type HoldingRow = KeyRow & { readonly balance: bigint; readonly frozen: bigint };
interface PositionRow extends KeyRow {
  readonly amount: bigint;
  readonly leaving: bigint;
  readonly available_at: bigint;
  readonly fits: boolean;
}

/** Whose an account was. */
function ownerAt(blockNumber: bigint): RawBuilder<unknown> {
  return sql`(select participant_id from account_versions where address = k.account and block_number <= ${blockNumber}
    order by block_number desc limit 1)`;
}

function keyConditions({ account, batch, participantId }: HoldingAtFilter): RawBuilder<unknown> {
  const conditions = [sql`true`];
  if (account !== undefined) conditions.push(sql`k.account = ${account}`);
  if (batch !== undefined) conditions.push(sql`k.batch_code = ${batch}`);
  if (participantId !== undefined) {
    conditions.push(sql`a.participant_id = ${participantId}
      and k.account in (select address from account_versions where participant_id = ${participantId})`);
  }
  return sql.join(conditions, sql` and `);
}

async function accountsAt(
  db: Db,
  blockNumber: bigint,
  participantIds: readonly number[],
): Promise<Map<number, { address: string; status: AccountStatus }[]>> {
  const found = new Map<number, { address: string; status: AccountStatus }[]>();
  if (participantIds.length === 0) return found;
  const ids = sql.join(participantIds);
  const result = await sql<Row<"account_versions">>`
    select v.* from (select distinct address from account_versions where participant_id in (${ids})) k
    cross join lateral (select * from account_versions where address = k.address and block_number <= ${blockNumber}
      order by block_number desc limit 1) v
    where not v.gone and v.participant_id in (${ids}) order by v.address`.execute(db);
  for (const { participant_id, address, status } of result.rows) {
    found.set(participant_id, [...(found.get(participant_id) ?? []), { address, status }]);
  }
  return found;
}

function momentView({ number, hash, timestamp }: Row<"blocks">): Moment {
  return { blockNumber: number, blockHash: hash, timestamp };
}

function batchAt(row: Row<"batch_versions">): BatchAt {
  return {
    code: row.code,
    project: row.project_code,
    statementId: row.statement_id,
    vintage: row.vintage,
    issuedTonnes: row.issued_tonnes,
    heldTonnes: row.held_tonnes,
    retiredTonnes: row.retired_tonnes,
    cancelledTonnes: row.cancelled_tonnes,
    bufferTonnes: row.buffer_tonnes,
    authorisations: row.authorisations,
    firstTransfer: row.first_transfer,
    authorisationDocumentHash: row.authorisation_document_hash,
    authorisationRevoked: row.authorisation_revoked,
    paused: row.paused,
    issuedBlock: row.issued_block,
    changedBlock: row.block_number,
  };
}
