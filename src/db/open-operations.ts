import { sql, type SqlBool } from "kysely";

/**
 * The operations that are accepted and not at their end, in the words of the index that holds them alone: with parameters in place of the
 * statuses, a plan that is kept would have to read all there ever were.
 */
export const isOpenOperation = sql<SqlBool>`operations.status in ('accepted', 'sent')`;
