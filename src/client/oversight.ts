import { read } from "./calls.js";
import type { ReadOptions } from "./requests.js";
import type { Transport } from "./transport.js";
import type { Chain } from "./chain-types.js";
import type { Hash } from "./types.js";

export interface StateHash {
  readonly blockNumber: number;
  readonly stateHash: Hash;
}

export interface Reconciliation {
  /** Null: nothing was read from the chain yet. */
  readonly blockNumber: number | null;
  readonly compared: number;
  /** None: the read model and the contracts say the same. Values are JSON text. */
  readonly differences: readonly {
    readonly what: string;
    readonly which: string;
    readonly readModel: string;
    readonly chain: string;
  }[];
}

/** The chain, and whether the service says the same as it does. */
export function oversightCalls(send: Transport) {
  type OneMinBlock = Pick<ReadOptions, "minBlock" | "signal">;
  return {
    chain: {
      get: (o?: OneMinBlock) => read<Chain>(send, "/v1/chain", o),
      /** A fingerprint of the read model, for institutions and auditors: equal wherever the same block is known. */
      stateHash: (o?: OneMinBlock) => read<StateHash>(send, "/v1/chain/state-hash", o),
    },
    reconciliation: {
      /** What the latest comparison of the read model with the contracts said. */
      get: () => read<Reconciliation>(send, "/v1/reconciliation"),
      /** Compares now. */
      run: () => send<Reconciliation>({ method: "POST", path: "/v1/reconciliation", repeatable: true }),
    },
  };
}
