import { sql, type Selectable } from "kysely";

import type { Db } from "../db/connection.js";
import type { MarketActKind, MarketDefinitionsTable } from "../db/instrument-tables.js";
import type { JsonObject } from "../db/inbox-tables.js";
import { jsonText } from "../db/json.js";
import { readPage, type Page, type PageRequest } from "../ledger/read/page.js";
import type { InstrumentKind } from "../market/ports.js";
import type { KeyHolder } from "../principal.js";
import { calendarOf } from "./calendars.js";
import type { Closes, MarketDefinition, PricePoint } from "./markets.js";

/** An instrument as the chain lists it. */
export interface ListedInstrument {
  readonly batch: string;
  readonly kind: InstrumentKind;
  readonly txHash: string;
  readonly blockNumber: bigint;
}

/** A decision about a market, for everybody to read. */
export interface DecisionView {
  readonly kind: MarketActKind;
  readonly role: string;
  readonly account: string | null;
  readonly body: JsonObject;
  readonly at: Date;
}

const COLUMNS = ["batch_code as batch", "kind", "tx_hash as txHash", "listed_block as blockNumber"] as const;

export async function findListed(db: Db, batch: string): Promise<ListedInstrument | undefined> {
  const row = await db.selectFrom("instruments").select(COLUMNS).where("batch_code", "=", batch).executeTakeFirst();
  return row && listedOf(row);
}

/** In the order of their codes. */
export function pageOfListed(db: Db, request: PageRequest): Promise<Page<ListedInstrument>> {
  const query = db.selectFrom("instruments").select(COLUMNS);
  return readPage(query, [{ column: "batch_code", kind: "text" }], "asc", request, listedOf);
}

export async function allListed(db: Db): Promise<ListedInstrument[]> {
  return (await db.selectFrom("instruments").select(COLUMNS).execute()).map(listedOf);
}

function listedOf(row: { batch: string; kind: string; txHash: string; blockNumber: bigint }): ListedInstrument {
  const { batch, kind, txHash, blockNumber } = row;
  return { batch, kind: kind === "allowance" ? "allowance" : "credit", txHash, blockNumber };
}

export async function definitionsOf(db: Db): Promise<ReadonlyMap<string, MarketDefinition>> {
  const rows = await db.selectFrom("market_definitions").selectAll().execute();
  return new Map(rows.map((row) => [row.batch_code, definitionOf(row)]));
}

function definitionOf(row: Selectable<MarketDefinitionsTable>): MarketDefinition {
  return {
    currency: row.currency,
    tick: row.tick,
    bandBasisPoints: row.band_basis_points,
    referencePrice: row.reference_price,
    referenceSetAt: row.reference_set_at?.getTime() ?? null,
    calendar: calendarOf(row.calendar),
    state: row.state,
    stateReason: row.state_reason,
    updatedAt: row.updated_at,
  };
}

/** Writes how a market is from now on, and who decided so, together. */
export async function saveDecision(
  db: Db,
  batch: string,
  definition: MarketDefinition,
  act: { readonly kind: MarketActKind; readonly officer: KeyHolder; readonly body: object },
): Promise<void> {
  const row = {
    currency: definition.currency,
    tick: definition.tick,
    band_basis_points: definition.bandBasisPoints,
    reference_price: definition.referencePrice,
    reference_set_at: definition.referenceSetAt === null ? null : new Date(definition.referenceSetAt),
    calendar: definition.calendar.name,
    state: definition.state,
    state_reason: definition.stateReason,
    updated_at: definition.updatedAt,
  };
  const { kind, officer, body } = act;
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto("market_definitions")
      .values({ batch_code: batch, ...row })
      .onConflict((conflict) => conflict.column("batch_code").doUpdateSet(row))
      .execute();
    await trx
      .insertInto("market_acts")
      .values({
        batch_code: batch,
        kind,
        role: officer.role ?? officer.scope,
        account: officer.account,
        key_id: officer.keyId,
        body: jsonText(body),
        at: definition.updatedAt,
      })
      .execute();
  });
}

/** The latest first. */
export function pageOfDecisions(db: Db, batch: string, request: PageRequest): Promise<Page<DecisionView>> {
  const query = db
    .selectFrom("market_acts")
    .select(["kind", "role", "account", "body", "at"])
    .where("batch_code", "=", batch);
  return readPage(query, [{ column: "seq", kind: "int8" }], "desc", request, ({ kind, role, account, body, at }) => {
    return { kind, role, account, body, at };
  });
}

/** The latest trade of a batch that did not fail, and the latest before the day of that. */
export async function closesOf(db: Db, batch: string, { calendar }: MarketDefinition): Promise<Closes> {
  const last = await lastPrice(db, batch);
  if (last === null) return { last, before: null };
  return { last, before: await lastPrice(db, batch, calendar.startOf(calendar.dayOf(last.at))) };
}

/** Of the trades that did not fail. @param before Unix milliseconds; all there are when left out. */
export async function lastPrice(db: Db, batch: string, before?: number): Promise<PricePoint | null> {
  let query = db
    .selectFrom("trades")
    .select(["price", "matched_at"])
    .where("batch_code", "=", batch)
    .where("status", "<>", "failed")
    .orderBy("matched_at", "desc")
    .orderBy("seq", "desc")
    .limit(1);
  if (before !== undefined) query = query.where("matched_at", "<", new Date(before));
  const row = await query.executeTakeFirst();
  return row === undefined ? null : { price: row.price, at: row.matched_at.getTime() };
}

/** Reference prices that the operator set before an instant, the latest first. */
export async function setReferences(db: Db, batch: string, before: number): Promise<PricePoint[]> {
  const rows = await db
    .selectFrom("market_acts")
    .select(["at", sql<string | null>`body->>'referencePrice'`.as("price")])
    .where("batch_code", "=", batch)
    .where("kind", "=", "definition")
    .where("at", "<", new Date(before))
    .orderBy("seq", "desc")
    .execute();
  return rows.flatMap(({ at, price }) => (price === null ? [] : [{ price: BigInt(price), at: at.getTime() }]));
}

/** When a trade was matched, in Unix milliseconds. */
export async function matchedAt(db: Db, trade: string): Promise<number | undefined> {
  const row = await db.selectFrom("trades").select("matched_at").where("id", "=", trade).executeTakeFirst();
  return row?.matched_at.getTime();
}
