import type { Signer } from "./chain/signers.js";
import type { Db } from "./db/connection.js";
import type { Route } from "./http/route.js";
import type { Logger } from "./logger.js";
import { createAddressRules } from "./notifications/addresses.js";
import { createDispatcher, DEFAULT_DISPATCHER_SETTINGS, type DispatcherSettings } from "./notifications/dispatcher.js";
import { createEventLog } from "./notifications/event-log.js";
import { createEventFeed } from "./notifications/feed.js";
import { createSecretBox } from "./notifications/secrets.js";
import { createSender } from "./notifications/sender.js";
import { notificationRoute } from "./notifications/stream-routes.js";
import { webhookRoutes } from "./notifications/webhook-routes.js";
import { pruneDeliveries } from "./notifications/webhook-store.js";
import { createWebhooks } from "./notifications/webhooks.js";
import { createSweeper } from "./sweeper.js";
import { VERSION } from "./version.js";

export interface WebhookSettings extends Partial<DispatcherSettings> {
  /** Networks that messages may be sent to although they are not public, as `10.0.0.0/8`. */
  readonly networks?: readonly string[];
  /** Milliseconds, as `Date.now` has them. */
  readonly now?: () => number;
}

export interface NotificationsOptions {
  readonly db: Db;
  readonly logger: Logger;
  /** Its keystore guards the secrets of webhooks. */
  readonly service: Signer;
  readonly webhooks?: WebhookSettings | undefined;
}

/** Telling the world what happens to operations. */
export interface Notifications {
  readonly routes: readonly Route[];
  /** Something happened to an operation. Costs nothing while nobody wants to know. */
  poke(): void;
  start(): void;
  stop(): Promise<void>;
}

/** How often, in milliseconds, to look for what another process did, and for what has become old. */
const POLL_MS = 250;
const SWEEP_MS = 3_600_000;
/** How long events and messages are kept, in milliseconds. */
const KEPT_MS = 30 * 24 * SWEEP_MS;

/** The stream of operations and the webhooks, wired. */
export function createNotifications({ db, logger, service, webhooks: given }: NotificationsOptions): Notifications {
  const { networks = [], now = Date.now, ...asked } = given ?? {};
  const settings = { ...DEFAULT_DISPATCHER_SETTINGS, ...asked };
  const log = createEventLog(db);
  const feed = createEventFeed({ log, logger, pollMs: POLL_MS });
  const secrets = createSecretBox((digest) => service.signDigest(digest));
  const rules = createAddressRules(networks);
  const sender = createSender({ secrets, rules, version: VERSION, timeoutMs: settings.timeoutMs, now });
  const dispatcher = createDispatcher({ db, log, sender, logger, now, settings });
  const allowsHttp = networks.length > 0;
  const changed = (): void => dispatcher.changed();
  const webhooks = createWebhooks({ db, log, secrets, sender, rules, allowsHttp, now, changed });
  const sweeper = createSweeper({
    name: "old events",
    everyMs: SWEEP_MS,
    logger,
    async run() {
      const before = new Date(now() - KEPT_MS);
      // What has no number is never forgotten, and nobody may have listened.
      await log.number();
      await log.prune(before);
      await pruneDeliveries(db, before);
    },
  });
  return {
    routes: [notificationRoute(feed), ...webhookRoutes(webhooks)],
    poke() {
      feed.poke();
      dispatcher.poke();
    },
    start() {
      feed.start();
      dispatcher.start();
      sweeper.start();
    },
    async stop() {
      await Promise.all([feed.stop(), dispatcher.stop(), sweeper.stop()]);
    },
  };
}
