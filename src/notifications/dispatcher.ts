import { setTimeout } from "node:timers/promises";

import type { Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import type { Logger } from "../logger.js";
import { createEventLog, type EventLog } from "./event-log.js";
import { isWanted, type OperationEvent } from "./events.js";
import type { PostOutcome } from "./post.js";
import type { Sender } from "./sender.js";
import {
  activeWebhooks,
  claimDue,
  concludeDelivery,
  disableWebhook,
  insertDeliveries,
  releaseDelivery,
  type ClaimedDelivery,
  type NewDelivery,
  type WebhookRow,
} from "./webhook-store.js";

/** Turns events into messages for webhooks, and sends them until they are taken or given up. */
export interface Dispatcher {
  /** Something happened, or is due. Costs nothing while there is no webhook. */
  poke(): void;
  /** Webhooks were made, changed or removed. */
  changed(): void;
  start(): void;
  /** Ends the tries under way: they do not count, and are made again by the next start. */
  stop(): Promise<void>;
}

export interface DispatcherSettings {
  /** Milliseconds after each failed try until the next one; after the last the message is dead. */
  readonly retryMs: readonly number[];
  /** Each pause is longer or shorter by up to this part of it, so that what failed together does not come back together. */
  readonly jitter: number;
  /** Milliseconds that a receiver has for one message. */
  readonly timeoutMs: number;
  /** Milliseconds without one message taken after which a webhook is disabled. */
  readonly patienceMs: number;
  /** Milliseconds between two looks at what is due. */
  readonly pollMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The schedule that Standard Webhooks proposes. */
export const DEFAULT_DISPATCHER_SETTINGS: DispatcherSettings = {
  retryMs: [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
  jitter: 0.2,
  timeoutMs: 15 * SECOND,
  patienceMs: 5 * 24 * HOUR,
  pollMs: SECOND,
};

export interface DispatcherOptions {
  readonly db: Db;
  readonly log: EventLog;
  readonly sender: Sender;
  readonly logger: Logger;
  /** Milliseconds, as `Date.now` has them. */
  readonly now: () => number;
  readonly settings: DispatcherSettings;
}

/** Messages of one webhook that are sent at once; of one that fails; of all. */
const AT_ONCE = 4;
const AT_ONCE_FAILING = 1;
const AT_ONCE_ALL = 64;
/** How much longer than the timeout a message belongs to the process that took it, in milliseconds. */
const LEASE_MARGIN = 30 * SECOND;
/** The longest that a receiver may ask to be left alone, in milliseconds. */
const LONGEST_RETRY_AFTER = 24 * HOUR;
/** The shortest time, in milliseconds, between two looks at the log. */
const PACE_MS = 25;
/** Looks in which nothing is done because there was no webhook at the last one: another process may have made one. */
const IDLE_LOOKS = 10;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { db, log, logger, settings, now } = options;
  const stopping = new AbortController();
  const sending = new Map<string, number>();
  const tries = new Set<Promise<void>>();
  let isNeeded = true;
  let isPoked = false;
  let idleLooks = 0;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> | undefined;

  async function look(): Promise<void> {
    const webhooks = await activeWebhooks(db);
    isNeeded = webhooks.length > 0;
    if (!isNeeded) return;
    await log.number();
    while (!stopping.signal.aborted && (await enqueue(db, now)));
    await sendDue(webhooks);
  }

  async function sendDue(webhooks: readonly WebhookRow[]): Promise<void> {
    const at = now();
    let left = AT_ONCE_ALL - tries.size;
    const capacities = webhooks.flatMap(({ id, failing_since: failing }) => {
      const free = Math.min(left, (failing === null ? AT_ONCE : AT_ONCE_FAILING) - (sending.get(id) ?? 0));
      if (free <= 0) return [];
      left -= free;
      return [{ webhookId: id, free }];
    });
    const leaseUntil = new Date(at + settings.timeoutMs + LEASE_MARGIN);
    const claimed = await claimDue(db, capacities, new Date(at), leaseUntil);
    const byId = new Map(webhooks.map((webhook) => [webhook.id, webhook]));
    for (const delivery of claimed) {
      const webhook = byId.get(delivery.webhookId);
      if (webhook !== undefined) begin(webhook, delivery);
    }
  }

  function begin(webhook: WebhookRow, delivery: ClaimedDelivery): void {
    sending.set(webhook.id, (sending.get(webhook.id) ?? 0) + 1);
    const attempt = attemptOnce(options, webhook, delivery, stopping.signal)
      .catch((error: unknown) => logger.warn({ err: error, webhook: webhook.id }, "A webhook's fate was not written"))
      .finally(() => {
        tries.delete(attempt);
        sending.set(webhook.id, (sending.get(webhook.id) ?? 1) - 1);
        poke();
      });
    tries.add(attempt);
  }

  const wantsMore = (): boolean => isPoked;

  async function run(): Promise<void> {
    // All that happens in this turn of the event loop is looked at together.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (isPoked && !stopping.signal.aborted) {
        isPoked = false;
        await look();
        // Under load much is told at once: the ledger needs the database more than who listens.
        if (wantsMore()) await setTimeout(PACE_MS);
      }
    } catch (error) {
      logger.warn({ err: error }, "Webhooks cannot be read; it will be tried again");
    }
    underWay = undefined;
  }

  function poke(): void {
    if (!isNeeded || stopping.signal.aborted) return;
    isPoked = true;
    underWay ??= run();
  }

  function changed(): void {
    isNeeded = true;
    poke();
  }

  return {
    poke,
    changed,
    start() {
      timer ??= setInterval(() => {
        if (isNeeded || ++idleLooks % IDLE_LOOKS === 0) changed();
      }, settings.pollMs).unref();
      changed();
    },
    async stop() {
      stopping.abort();
      clearInterval(timer);
      await underWay;
      await Promise.all(tries);
    },
  };
}

/**
 * Makes messages of the next events, one process at a time.
 * @returns false when all events have been looked at
 */
async function enqueue(db: Db, now: () => number): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { next, unqueued } = await trx
      .selectFrom("notification_counter")
      .selectAll()
      .forUpdate()
      .executeTakeFirstOrThrow();
    const webhooks = await activeWebhooks(trx);
    // What happened before any of them was made concerns none.
    const since = webhooks.reduce((least, webhook) => (webhook.since < least ? webhook.since : least), next);
    const from = unqueued > since ? unqueued : since;
    const { events, last } = await createEventLog(trx).after(Number(from) - 1);
    const reached = events.length === 0 ? next : BigInt(last) + 1n;
    if (reached === unqueued) return false;
    const messages = events.flatMap((event) =>
      webhooks.filter((webhook) => concerns(webhook, event)).map((webhook) => messageOf(webhook, event)),
    );
    await insertDeliveries(trx, messages, new Date(now()));
    await trx.updateTable("notification_counter").set({ unqueued: reached }).execute();
    return reached < next;
  });
}

function concerns({ since, types, kinds, participant_id: participantId, role }: WebhookRow, event: OperationEvent) {
  if (event.sequence < Number(since)) return false;
  return isWanted(event, {
    types: types ?? undefined,
    kinds: kinds ?? undefined,
    participantId: participantId ?? undefined,
    role: role ?? undefined,
  });
}

function messageOf({ id }: WebhookRow, { sequence, type, at, operation }: OperationEvent): NewDelivery {
  const body = jsonText({ type, timestamp: at, data: { sequence, operation } });
  return { webhookId: id, sequence, type, body };
}

/** One try, and what it means for the message and the webhook. */
async function attemptOnce(
  options: DispatcherOptions,
  webhook: WebhookRow,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<void> {
  const { db, sender, settings, now, logger } = options;
  const { webhookId, sequence, body } = delivery;
  const outcome = await sender.send(webhook, { id: `${webhookId}_${sequence}`, body }, signal);
  const at = now();
  if (signal.aborted && outcome.status === null) {
    await releaseDelivery(db, delivery, new Date(at));
    return;
  }
  const { status: answer, error } = outcome;
  const dueAt = error === null ? null : nextTry(settings, delivery.attempts, outcome, at);
  await concludeDelivery(db, { webhookId, sequence, answer, error, dueAt }, new Date(at));
  const reason = error === null ? null : reasonToDisable(settings, webhook, outcome, at);
  if (reason === null) return;
  await disableWebhook(db, webhook.id, reason);
  logger.warn({ webhook: webhook.id, reason }, "A webhook was disabled");
}

/** Null when it was the last one. */
function nextTry(
  { retryMs, jitter }: DispatcherSettings,
  attempts: number,
  { retryAfterMs }: PostOutcome,
  at: number,
): Date | null {
  const pause = retryMs[attempts - 1];
  if (pause === undefined) return null;
  const spread = pause * (1 + jitter * (2 * Math.random() - 1));
  const asked = Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER);
  return new Date(at + Math.round(Math.max(spread, asked)));
}

function reasonToDisable(
  { patienceMs }: DispatcherSettings,
  { failing_since: failing }: WebhookRow,
  { status }: PostOutcome,
  at: number,
): string | null {
  if (status === 410) return "The receiver answered 410: it wants no more messages.";
  if (failing === null || at - failing.getTime() < patienceMs) return null;
  return `The receiver has taken nothing since ${failing.toISOString()}.`;
}
