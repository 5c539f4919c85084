import type { InboxTables } from "./inbox-tables.js";
import type { MetaTables } from "./meta-tables.js";

/** All tables, as the query builder sees them. */
export interface Database extends MetaTables, InboxTables {}
