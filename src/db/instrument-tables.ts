import type { Generated } from "kysely";

import type { JsonColumn, JsonObject, Timestamp } from "./inbox-tables.js";

export type MarketState = "open" | "halted";

/** What the exchange operator decided about the market of a batch, and whether it is halted. */
export interface MarketDefinitionsTable {
  batch_code: string;
  /** Symbol of the settlement currency. */
  currency: string;
  tick: bigint;
  /** Null: no band. */
  band_basis_points: number | null;
  /** Set by the operator; null: only closing prices count. */
  reference_price: bigint | null;
  reference_set_at: Date | null;
  calendar: string;
  state: MarketState;
  state_reason: string | null;
  updated_at: Timestamp;
}

export type MarketActKind = "definition" | "halt" | "resume";

/** Who decided what about a market, and when: kept for ever. */
export interface MarketActsTable {
  seq: Generated<bigint>;
  batch_code: string;
  kind: MarketActKind;
  role: string;
  /** The officer's account; null when the API key names none. */
  account: string | null;
  /** Id of the API key. */
  key_id: string;
  /** The definition, or the reason. */
  body: JsonColumn<JsonObject>;
  at: Timestamp;
}

/** Decided off the chain: never dropped by a rebuild of the read model. */
export interface InstrumentTables {
  market_definitions: MarketDefinitionsTable;
  market_acts: MarketActsTable;
}
