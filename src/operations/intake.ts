import { sql, type Transaction } from "kysely";

import { isDatabaseUnavailable, type Db } from "../db/connection.js";
import type { Idempotency } from "../db/idempotency.js";
import type { JsonObject, Lane } from "../db/inbox-tables.js";
import { jsonText } from "../db/json.js";
import type { Database } from "../db/schema.js";
import { Problem } from "../errors.js";

/** What a service hands over to be done. JSON may hold bigints: they become decimal strings. */
export interface NewOperation {
  /** The hash of a signed intent or raw transaction (the same again is the same operation); a UUID version 7 for anything else. */
  readonly id: string;
  readonly kind: string;
  readonly lane: Lane;
  /** EIP-55. */
  readonly account?: string | null;
  readonly participantId?: number | null;
  readonly role?: string | null;
  /** What was asked, for people to read. */
  readonly request: object;
  /** See `chain/outbox/payloads.ts` for each lane's. */
  readonly payload: object;
  readonly intentHash?: string | null;
  /** Written together with the operation. */
  readonly idempotency?: Idempotency | undefined;
  /** Documents whose hashes the operation puts on the chain; written together with it. */
  readonly documents?: readonly NewDocument[];
  /** Written only when the read model knows no use of this nonce of the account. */
  readonly unlessUsed?: string;
}

export interface NewDocument {
  /** keccak-256 of `canonical`, lower-case hex. */
  readonly hash: string;
  readonly kind: string;
  readonly body: JsonObject;
  /** RFC 8785 canonical JSON. */
  readonly canonical: string;
}

/** The most operations in one commit; what arrives meanwhile goes into the next. */
const GROUP_LIMIT = 500;

interface Waiting {
  readonly operation: NewOperation;
  resolve(writtenAt: Date | null): void;
  reject(error: unknown): void;
}

/**
 * Writes accepted operations in groups: while one group is being committed the next one collects, so that a commit, the dearest part of
 * an acceptance, is shared by all that came in the meantime.
 * @returns Accepts one operation; resolves after its group is committed, with the time at which it was written, or null when it was not:
 * it was there already, or its nonce is used up.
 */
export function createIntake(db: Db): (operation: NewOperation) => Promise<Date | null> {
  const queue: Waiting[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    isRunning = true;
    // All that arrive in this turn of the event loop belong to the first group.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) await commitGroup(db, queue.splice(0, GROUP_LIMIT));
    isRunning = false;
  }

  return (operation) =>
    new Promise((resolve, reject) => {
      queue.push({ operation, resolve, reject });
      if (!isRunning) void run();
    });
}

async function commitGroup(db: Db, group: readonly Waiting[]): Promise<void> {
  try {
    const operations = group.map(({ operation }) => operation);
    const { refused, written } = await insertOperations(db, operations);
    for (const { operation, resolve, reject } of group) {
      if (refused.has(operation)) reject(new Problem("idempotency-in-progress"));
      else resolve(written.get(operation.id) ?? null);
    }
  } catch (error) {
    if (group.length === 1 || isDatabaseUnavailable(error)) {
      for (const waiting of group) waiting.reject(error);
      return;
    }
    // One that the database cannot take (a zero character in a text) must not refuse its neighbours.
    for (const waiting of group) await commitGroup(db, [waiting]);
  }
}

interface Inserted {
  /** Not written, because another request took their idempotency key meanwhile. */
  readonly refused: ReadonlySet<NewOperation>;
  /** Times by id. An operation that is there already stays as it is, and is not among them. */
  readonly written: ReadonlyMap<string, Date>;
}

/** All or nothing; one statement is a transaction by itself. */
async function insertOperations(db: Db, operations: readonly NewOperation[]): Promise<Inserted> {
  const isPlain = operations.every(({ idempotency, documents = [] }) => idempotency === undefined && !documents.length);
  if (isPlain) return { refused: new Set(), written: await insertRows(db, operations) };
  return db.transaction().execute(async (trx) => {
    const refused = await insertKeys(trx, operations);
    const accepted = operations.filter((operation) => !refused.has(operation));
    await insertDocuments(
      trx,
      accepted.flatMap((operation) => operation.documents ?? []),
    );
    return { refused, written: await insertRows(trx, accepted) };
  });
}

async function insertRows(db: Db, operations: readonly NewOperation[]): Promise<ReadonlyMap<string, Date>> {
  if (operations.length === 0) return new Map();
  const rows = operations.map((operation, place) => ({
    place,
    id: operation.id,
    kind: operation.kind,
    lane: operation.lane,
    account: operation.account ?? null,
    participant_id: operation.participantId ?? null,
    role: operation.role ?? null,
    request: operation.request,
    payload: operation.payload,
    intent_hash: operation.intentHash ?? null,
    nonce: operation.unlessUsed ?? null,
  }));
  // One parameter whatever the number of rows: both drivers are slow with thousands of them.
  const inserted = await sql<{ id: string; created_at: Date }>`
    with written as (
      insert into operations (id, kind, lane, account, participant_id, role, request, payload, intent_hash)
      select id, kind, lane, account, participant_id, role, request, payload, intent_hash
      from json_to_recordset(${jsonText(rows)}::text::json)
        as row(id text, kind text, lane text, account text, participant_id int, role text, request jsonb, payload jsonb,
          intent_hash text, nonce text, place int)
      where nonce is null or not (
        exists (select 1 from intents i where i.account = row.account and i.nonce = row.nonce) or
        exists (select 1 from revoked_nonces r where r.account = row.account and r.nonce = row.nonce))
      order by place
      on conflict do nothing
      returning id, seq, created_at),
    logged as (
      insert into operation_log (status, operations)
      select 'accepted', array_agg(seq order by seq) from written having count(*) > 0)
    select id, created_at from written`.execute(db);
  return new Map(inserted.rows.map((row) => [row.id, row.created_at]));
}

async function insertKeys(
  trx: Transaction<Database>,
  operations: readonly NewOperation[],
): Promise<ReadonlySet<NewOperation>> {
  const nameOf = ({ principal, key }: { principal: string; key: string }): string => `${principal} ${key}`;
  const keyed = operations.flatMap((operation) => {
    const { idempotency } = operation;
    return idempotency === undefined ? [] : [{ operation, idempotency, name: nameOf(idempotency) }];
  });
  // Within a group, too, the first request takes the key.
  const firsts = new Map(keyed.toReversed().map((entry) => [entry.name, entry]));
  if (firsts.size === 0) return new Set();

  const inserted = await trx
    .insertInto("idempotency_keys")
    .values(
      [...firsts.values()].map(({ operation, idempotency }) => ({
        principal: idempotency.principal,
        key: idempotency.key,
        request_hash: idempotency.requestHash,
        operation_id: operation.id,
        status: null,
      })),
    )
    .onConflict((conflict) => conflict.columns(["principal", "key"]).doNothing())
    .returning(["principal", "key"])
    .execute();
  const taken = new Set(inserted.map(nameOf));
  return new Set(
    keyed.filter((entry) => firsts.get(entry.name) !== entry || !taken.has(entry.name)).map((entry) => entry.operation),
  );
}

async function insertDocuments(trx: Transaction<Database>, documents: readonly NewDocument[]): Promise<void> {
  if (documents.length === 0) return;
  await trx
    .insertInto("documents")
    .values(documents.map((document) => ({ ...document, body: jsonText(document.body) })))
    .onConflict((conflict) => conflict.column("hash").doNothing())
    .execute();
}
