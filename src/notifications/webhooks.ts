import { randomBytes } from "node:crypto";

import type { Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import type { DeliveryStatus } from "../db/notification-tables.js";
import { Problem } from "../errors.js";
import { principalName, type KeyHolder } from "../principal.js";
import type { AddressRules } from "./addresses.js";
import type { EventLog } from "./event-log.js";
import { ownerOf, type EventType } from "./events.js";
import type { PostOutcome } from "./post.js";
import { newSecret, type SecretBox } from "./secrets.js";
import type { Sender } from "./sender.js";
import { checkTarget } from "./target.js";
import { reviveDead, type DeliveryRow, type WebhookRow } from "./webhook-store.js";

export interface WebhookRequest {
  readonly url: string;
  readonly label?: string | undefined;
  readonly types?: readonly EventType[] | undefined;
  readonly kinds?: readonly string[] | undefined;
}

/** A webhook with its secret, which is shown once. */
export interface NewWebhook {
  readonly webhook: WebhookRow;
  readonly secret: string;
}

/** A new secret; the one before signs along until `previousUntil`. */
export interface RotatedSecret {
  readonly secret: string;
  readonly previousUntil: Date;
}

/** Where firms and institutions want to be told. Everything is for the owner of a webhook, and for administrators. */
export interface Webhooks {
  /** @throws Problem `forbidden`, `webhook-url-refused`, `too-many-webhooks` */
  create(holder: KeyHolder, request: WebhookRequest): Promise<NewWebhook>;
  /** The newest first. @param before Only those made before this place. */
  list(holder: KeyHolder, limit: number, before: bigint | undefined): Promise<WebhookRow[]>;
  /** @throws Problem `not-found` */
  get(holder: KeyHolder, id: string): Promise<WebhookRow>;
  /** With all its messages. @throws Problem `not-found` */
  remove(holder: KeyHolder, id: string): Promise<void>;
  /** @throws Problem `not-found` */
  rotate(holder: KeyHolder, id: string): Promise<RotatedSecret>;
  /** It is told what happens from now on. An active one stays as it is. @throws Problem `not-found` */
  enable(holder: KeyHolder, id: string): Promise<WebhookRow>;
  /** Messages, the newest first. @throws Problem `not-found` */
  deliveries(holder: KeyHolder, id: string, query: DeliveryQuery): Promise<DeliveryRow[]>;
  /** Sends a message again, whatever became of it. @throws Problem `not-found`, `webhook-disabled` */
  redeliver(holder: KeyHolder, id: string, sequence: bigint): Promise<DeliveryRow>;
  /**
   * Sends again what was given up, of the messages made since a time.
   * @returns how many they are
   * @throws Problem `not-found`, `webhook-disabled`
   */
  redeliverDead(holder: KeyHolder, id: string, since: Date): Promise<number>;
  /**
   * Sends a signed message that tells of nothing, once, also to a receiver that was given up. It is not kept, and changes nothing.
   * @param signal Ends the try.
   * @throws Problem `not-found`
   */
  test(holder: KeyHolder, id: string, signal: AbortSignal): Promise<TestDelivery>;
}

/** What came of a test message. */
export interface TestDelivery extends Pick<PostOutcome, "status" | "error"> {
  readonly messageId: string;
  /** The bytes that were sent. */
  readonly body: string;
  readonly milliseconds: number;
}

export interface DeliveryQuery {
  readonly status?: DeliveryStatus | undefined;
  readonly limit: number;
  /** Only those with a smaller number. */
  readonly before?: bigint | undefined;
}

export interface WebhooksOptions {
  readonly db: Db;
  readonly log: EventLog;
  readonly secrets: SecretBox;
  readonly sender: Sender;
  readonly rules: AddressRules;
  /** True when there are networks that plain http may go to. */
  readonly allowsHttp: boolean;
  /** Milliseconds, as `Date.now` has them. */
  readonly now: () => number;
  /** Something about webhooks, or their messages, was changed. */
  readonly changed: () => void;
}

const MAX_PER_OWNER = 20;
/** Of a message that tells of nothing. */
const TEST_TYPE = "webhook.test";
/** How long the secret before goes on signing, in milliseconds. */
const OVERLAP_MS = 24 * 3_600_000;

export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { db, log, secrets, sender, now, changed } = options;

  /** What the holder may see and change. */
  function visible(holder: KeyHolder) {
    const query = db.selectFrom("webhooks").selectAll();
    if (holder.scope === "admin") return query;
    const owner = ownerOf(holder);
    if (owner === undefined) throw new Problem("forbidden", "Webhooks are for participants and roles.");
    return owner.participantId === null
      ? query.where("role", "=", owner.role)
      : query.where("participant_id", "=", owner.participantId);
  }

  async function get(holder: KeyHolder, id: string): Promise<WebhookRow> {
    const row = await visible(holder).where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw new Problem("not-found", `There is no webhook ${id}.`);
    return row;
  }

  return {
    get,

    async create(holder, { url, label, types, kinds }) {
      const owner = ownerOf(holder);
      if (owner === undefined) throw new Problem("forbidden", "Webhooks are for participants and roles.");
      checkTarget(url, options);
      const own = await visible(holder).execute();
      if (own.length >= MAX_PER_OWNER) throw new Problem("too-many-webhooks", `At most ${MAX_PER_OWNER} are kept.`);
      const secret = newSecret();
      const row = {
        id: `wh_${randomBytes(8).toString("hex")}`,
        participant_id: owner.participantId,
        role: owner.role,
        url,
        label: label ?? "",
        types: types === undefined ? null : jsonText(types),
        kinds: kinds === undefined ? null : jsonText(kinds),
        secret: await secrets.seal(secret),
        since: BigInt(await log.number()),
        created_by: principalName(holder),
      };
      const webhook = await db.insertInto("webhooks").values(row).returningAll().executeTakeFirstOrThrow();
      changed();
      return { webhook, secret };
    },

    async list(holder, limit, before) {
      const query = visible(holder).orderBy("seq", "desc").limit(limit);
      return (before === undefined ? query : query.where("seq", "<", before)).execute();
    },

    async remove(holder, id) {
      await get(holder, id);
      await db.deleteFrom("webhooks").where("id", "=", id).execute();
    },

    async rotate(holder, id) {
      const { secret: previous } = await get(holder, id);
      const secret = newSecret();
      const previousUntil = new Date(now() + OVERLAP_MS);
      await db
        .updateTable("webhooks")
        .set({ secret: await secrets.seal(secret), previous_secret: previous, previous_until: previousUntil })
        .where("id", "=", id)
        .execute();
      return { secret, previousUntil };
    },

    async enable(holder, id) {
      const row = await get(holder, id);
      if (row.status === "active") return row;
      const since = BigInt(await log.number());
      const enabled = await db
        .updateTable("webhooks")
        .set({ status: "active", reason: null, failing_since: null, since })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirstOrThrow();
      changed();
      return enabled;
    },

    async deliveries(holder, id, { status, limit, before }) {
      await get(holder, id);
      let query = db.selectFrom("webhook_deliveries").selectAll().where("webhook_id", "=", id);
      if (status !== undefined) query = query.where("status", "=", status);
      if (before !== undefined) query = query.where("sequence", "<", before);
      return query.orderBy("sequence", "desc").limit(limit).execute();
    },

    async redeliver(holder, id, sequence) {
      const { status, reason } = await get(holder, id);
      if (status === "disabled") throw new Problem("webhook-disabled", reason ?? undefined);
      const row = await db
        .updateTable("webhook_deliveries")
        .set({ status: "pending", attempts: 0, due_at: new Date(now()) })
        .where("webhook_id", "=", id)
        .where("sequence", "=", sequence)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw new Problem("not-found", `The webhook ${id} has no message ${sequence}.`);
      changed();
      return row;
    },

    async redeliverDead(holder, id, since) {
      const { status, reason } = await get(holder, id);
      if (status === "disabled") throw new Problem("webhook-disabled", reason ?? undefined);
      const revived = await reviveDead(db, id, since, new Date(now()));
      if (revived > 0) changed();
      return revived;
    },

    async test(holder, id, signal) {
      const webhook = await get(holder, id);
      const messageId = `${id}_test_${randomBytes(8).toString("hex")}`;
      const timestamp = new Date(now()).toISOString();
      const body = jsonText({ type: TEST_TYPE, timestamp, data: { webhook: id } });
      const began = performance.now();
      const { status, error } = await sender.send(webhook, { id: messageId, body }, signal);
      return { messageId, body, status, error, milliseconds: Math.round(performance.now() - began) };
    },
  };
}
