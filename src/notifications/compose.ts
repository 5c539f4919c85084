import type { Db } from "../db/connection.js";
import type { Route } from "../http/route.js";
import type { Logger } from "../logger.js";
import { createSweeper } from "../sweeper.js";
import { createEventLog } from "./event-log.js";
import { createEventFeed } from "./feed.js";
import { notificationRoute } from "./stream-routes.js";

export interface NotificationsOptions {
  readonly db: Db;
  readonly logger: Logger;
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
/** How long events are kept, in milliseconds. */
const KEPT_MS = 30 * 24 * SWEEP_MS;

/** The stream of operations and the webhooks, wired. */
export function createNotifications({ db, logger }: NotificationsOptions): Notifications {
  const log = createEventLog(db);
  const feed = createEventFeed({ log, logger, pollMs: POLL_MS });
  const sweeper = createSweeper({
    name: "old events",
    everyMs: SWEEP_MS,
    logger,
    async run() {
      // What has no number is never forgotten, and nobody may have listened.
      await log.number();
      await log.prune(new Date(Date.now() - KEPT_MS));
    },
  });
  return {
    routes: [notificationRoute(feed)],
    poke: () => feed.poke(),
    start() {
      feed.start();
      sweeper.start();
    },
    async stop() {
      await feed.stop();
      await sweeper.stop();
    },
  };
}
