import type { AuditTables } from "./audit-tables.js";
import type { DealTables } from "./deal-tables.js";
import type { ImportTables } from "./import-tables.js";
import type { InboxTables } from "./inbox-tables.js";
import type { InstrumentTables } from "./instrument-tables.js";
import type { MarketTables } from "./market-tables.js";
import type { MetaTables } from "./meta-tables.js";
import type { NotificationTables } from "./notification-tables.js";
import type { ReadModelTables } from "./read-model-tables.js";

/** All tables, as the query builder sees them. */
export interface Database
  extends
    MetaTables,
    InboxTables,
    MarketTables,
    InstrumentTables,
    DealTables,
    ReadModelTables,
    AuditTables,
    ImportTables,
    NotificationTables {}
