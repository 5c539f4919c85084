import type { Migration } from "kysely/migration";
import { metaMigration } from "./000-meta.js";
import { inboxMigration } from "./001-inbox.js";
import { readModelMigration } from "./002-read-model.js";
import { marketMigration } from "./003-market.js";
import { exchangeReadModelMigration } from "./004-exchange-read-model.js";
import { dealsMigration } from "./005-deals.js";
import { instrumentsMigration } from "./006-instruments.js";
import { auditReadModelMigration } from "./007-audit-read-model.js";
import { auditMigration } from "./008-audit.js";
import { fewerIndexesMigration } from "./009-fewer-indexes.js";
import { importsMigration } from "./010-imports.js";
import { notificationsMigration } from "./011-notifications.js";
import { settlementsMigration } from "./012-settlements.js";
import { unaskedIndexesMigration } from "./013-unasked-indexes.js";
import { fewerLogRowsMigration } from "./014-fewer-log-rows.js";
import { fewerTransactionEntriesMigration } from "./015-fewer-transaction-entries.js";
import { lessPerTradeMigration } from "./016-less-per-trade.js";

/** Every migration, in order. One that has been released never changes; new ones are added at the end. */
export const migrations: Readonly<Record<string, Migration>> = {
  "000-meta": metaMigration,
  "001-inbox": inboxMigration,
  "002-read-model": readModelMigration,
  "003-market": marketMigration,
  "004-exchange-read-model": exchangeReadModelMigration,
  "005-deals": dealsMigration,
  "006-instruments": instrumentsMigration,
  "007-audit-read-model": auditReadModelMigration,
  "008-audit": auditMigration,
  "009-fewer-indexes": fewerIndexesMigration,
  "010-imports": importsMigration,
  "011-notifications": notificationsMigration,
  "012-settlements": settlementsMigration,
  "013-unasked-indexes": unaskedIndexesMigration,
  "014-fewer-log-rows": fewerLogRowsMigration,
  "015-fewer-transaction-entries": fewerTransactionEntriesMigration,
  "016-less-per-trade": lessPerTradeMigration,
};
