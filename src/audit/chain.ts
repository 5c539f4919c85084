import { createBalancesReader } from "../chain/audit-calls.js";
import type { Connection } from "../chain/connection.js";
import type { LedgerAddresses } from "../chain/events.js";
import { createLedgerReader } from "../chain/ledger-reader.js";
import { createChainSource } from "../chain/source.js";
import type { AuditChain } from "./engine.js";

/** The chain behind a connection. */
export function auditChainOf(connection: Connection, contracts: LedgerAddresses): AuditChain {
  return {
    chainId: connection.chainId,
    source: createChainSource(connection),
    hasCode: async (address, block) => (await connection.getCode(address, block)).length > 2,
    reader: createLedgerReader(connection.provider, contracts),
    balances: createBalancesReader(connection.provider, contracts.Units),
  };
}
