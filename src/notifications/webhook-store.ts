import { sql, type Selectable } from "kysely";

import type { Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import type { WebhookDeliveriesTable, WebhooksTable } from "../db/notification-tables.js";

export type WebhookRow = Selectable<WebhooksTable>;
export type DeliveryRow = Selectable<WebhookDeliveriesTable>;

/** A message for a webhook. */
export interface NewDelivery {
  readonly webhookId: string;
  readonly sequence: number;
  readonly type: string;
  readonly body: string;
}

/** A message that this process is to send now. */
export interface ClaimedDelivery {
  readonly webhookId: string;
  readonly sequence: bigint;
  readonly body: string;
  /** Tries, this one included. */
  readonly attempts: number;
}

/** How many messages of a webhook may be taken. */
export interface FreeCapacity {
  readonly webhookId: string;
  readonly free: number;
}

/** What a try came to. */
export interface DeliveryFate {
  readonly webhookId: string;
  readonly sequence: bigint;
  readonly answer: number | null;
  /** Null: the receiver took it. */
  readonly error: string | null;
  /** When it is tried again; null: never. */
  readonly dueAt: Date | null;
}

export function activeWebhooks(db: Db): Promise<WebhookRow[]> {
  return db.selectFrom("webhooks").selectAll().where("status", "=", "active").orderBy("seq").execute();
}

/** Messages that are due at once. */
export async function insertDeliveries(db: Db, deliveries: readonly NewDelivery[], now: Date): Promise<void> {
  if (deliveries.length === 0) return;
  await sql`
    insert into webhook_deliveries (webhook_id, sequence, type, body, due_at)
    select "webhookId", sequence, type, body, ${now.toISOString()}::timestamptz
    from json_to_recordset(${jsonText(deliveries)}::text::json) as row("webhookId" text, sequence int8, type text, body text)
    on conflict do nothing`.execute(db);
}

/**
 * Takes messages whose time has come, so that no other process takes them before `leaseUntil`: one whose process dies is sent again then.
 * The oldest of each webhook first.
 */
export async function claimDue(
  db: Db,
  capacities: readonly FreeCapacity[],
  now: Date,
  leaseUntil: Date,
): Promise<ClaimedDelivery[]> {
  if (capacities.length === 0) return [];
  const { rows } = await sql<{ webhook_id: string; sequence: bigint; body: string; attempts: number }>`
    update webhook_deliveries d set due_at = ${leaseUntil.toISOString()}::timestamptz,
      attempted_at = ${now.toISOString()}::timestamptz, attempts = attempts + 1, answer = null, error = null
    from json_to_recordset(${jsonText(capacities)}::text::json) as w("webhookId" text, free int)
    cross join lateral (
      select sequence from webhook_deliveries
      where webhook_id = w."webhookId" and status = 'pending' and due_at <= ${now.toISOString()}::timestamptz
      order by due_at, sequence limit w.free for update skip locked) due
    where d.webhook_id = w."webhookId" and d.sequence = due.sequence
    returning d.webhook_id, d.sequence, d.body, d.attempts`.execute(db);
  return rows
    .map(({ webhook_id: webhookId, ...row }) => ({ webhookId, ...row }))
    .toSorted((a, b) => Number(a.sequence - b.sequence));
}

/** Writes down what a try came to. A webhook that takes messages again is not failing any more. */
export async function concludeDelivery(db: Db, fate: DeliveryFate, now: Date): Promise<void> {
  const { webhookId, sequence, answer, error, dueAt } = fate;
  const isTaken = error === null;
  await db.transaction().execute(async (trx) => {
    await trx
      .updateTable("webhook_deliveries")
      .set({
        answer,
        error,
        status: isTaken ? "delivered" : dueAt === null ? "dead" : "pending",
        ...(isTaken ? { delivered_at: now } : {}),
        ...(dueAt === null ? {} : { due_at: dueAt }),
      })
      .where("webhook_id", "=", webhookId)
      .where("sequence", "=", sequence)
      .execute();
    const failing = trx.updateTable("webhooks").where("id", "=", webhookId);
    if (isTaken) await failing.set({ failing_since: null }).where("failing_since", "is not", null).execute();
    else await failing.set({ failing_since: now }).where("failing_since", "is", null).execute();
  });
}

/** The try did not happen: it is due again, and does not count. */
export async function releaseDelivery(db: Db, { webhookId, sequence }: ClaimedDelivery, now: Date): Promise<void> {
  await db
    .updateTable("webhook_deliveries")
    .set((eb) => ({ due_at: now, attempts: eb("attempts", "-", 1) }))
    .where("webhook_id", "=", webhookId)
    .where("sequence", "=", sequence)
    .where("status", "=", "pending")
    .execute();
}

/** Nothing more is sent to it; what waits is dead, and can be sent again by hand. */
export async function disableWebhook(db: Db, id: string, reason: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.updateTable("webhooks").set({ status: "disabled", reason }).where("id", "=", id).execute();
    await trx
      .updateTable("webhook_deliveries")
      .set({ status: "dead" })
      .where("webhook_id", "=", id)
      .where("status", "=", "pending")
      .execute();
  });
}

/** Makes messages due that were given up, of those made since a time. @returns how many they are */
export async function reviveDead(db: Db, webhookId: string, since: Date, now: Date): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable("webhook_deliveries")
    .set({ status: "pending", attempts: 0, due_at: now })
    .where("webhook_id", "=", webhookId)
    .where("status", "=", "dead")
    .where("created_at", ">=", since)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Forgets messages that were made before a time, whatever became of them. */
export async function pruneDeliveries(db: Db, before: Date): Promise<void> {
  await db.deleteFrom("webhook_deliveries").where("created_at", "<", before).where("status", "<>", "pending").execute();
}
