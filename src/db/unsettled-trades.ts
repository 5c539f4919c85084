import { sql } from "kysely";

/** That a trade is on its way to settlement. Looks no further back than to the oldest that is, however many trades there were before. */
export const IS_UNSETTLED = sql<boolean>`(
  trades.seq in (select seq from unsettled_trades) and trades.seq >= (select min(seq) from unsettled_trades))`;
