import type { ColumnType, Generated } from "kysely";
import type { OperationStatus, Timestamp } from "./inbox-tables.js";

type OptionalTimestamp = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;

/** What happened to operations, in order, and whom it is told to. The chain cannot give it back, and no rebuild drops it. */
export interface NotificationTables {
  operation_log: OperationLogTable;
  notification_counter: NotificationCounterTable;
  webhooks: WebhooksTable;
  webhook_deliveries: WebhookDeliveriesTable;
}

/**
 * One row for all operations that came into a state by one commit. Writing it costs one row a commit; its operations get numbers
 * afterwards, by whoever tells them first (see `notifications/event-log.ts`).
 */
export interface OperationLogTable {
  /** Order of writing. Two commits at once may show in the other order: readers go by `first`. */
  id: Generated<bigint>;
  at: Generated<Date>;
  status: OperationStatus;
  /** The transaction that all of them were sent in, or the one of each. */
  tx_hash: string | null;
  tx_hashes: string[] | null;
  /** `operations.seq` of each. */
  operations: string;
  /** Number of the first one's event; those of the others follow. Null: not told to anybody yet. */
  first: bigint | null;
}

/** One row. */
export interface NotificationCounterTable {
  /** Number of the next event. */
  next: bigint;
  /** The next event that has not been looked at for webhooks. */
  unqueued: bigint;
}

export type WebhookStatus = "active" | "disabled";

export interface WebhooksTable {
  id: string;
  seq: Generated<bigint>;
  /** Whose operations it tells: a participant's, or those of an institution's role. One of the two is null. */
  participant_id: number | null;
  role: string | null;
  url: string;
  label: string;
  /** Names of events; null: all. JSON. */
  types: ColumnType<string[] | null, string | null, string | null>;
  /** Kinds of operations; null: all. JSON. */
  kinds: ColumnType<string[] | null, string | null, string | null>;
  /** Sealed. */
  secret: string;
  /** The one before, sealed; signs too until `previous_until`. */
  previous_secret: string | null;
  previous_until: OptionalTimestamp;
  /** Number of the first event that it is told. */
  since: bigint;
  status: ColumnType<WebhookStatus, WebhookStatus | undefined, WebhookStatus>;
  /** Why it is disabled. */
  reason: string | null;
  /** Since when nothing was taken; null: the last try went well, or there was none. */
  failing_since: OptionalTimestamp;
  /** As `principalName` says it. */
  created_by: string;
  created_at: Timestamp;
}

/** `dead`: given up; it is kept, and can be sent again. */
export type DeliveryStatus = "pending" | "delivered" | "dead";

export interface WebhookDeliveriesTable {
  webhook_id: string;
  /** Number of the event. */
  sequence: bigint;
  type: string;
  /** The bytes that are sent and signed, the same at every try. */
  body: string;
  status: ColumnType<DeliveryStatus, DeliveryStatus | undefined, DeliveryStatus>;
  attempts: ColumnType<number, number | undefined, number>;
  /** When it is tried next; while a try is under way, when another process may take it for lost. */
  due_at: Timestamp;
  attempted_at: OptionalTimestamp;
  /** HTTP status of the last answer; null when there was none. */
  answer: number | null;
  /** What went wrong at the last try. */
  error: string | null;
  delivered_at: OptionalTimestamp;
  created_at: Timestamp;
}
