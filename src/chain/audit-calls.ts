import type { ContractRunner } from "ethers";

import { Units__factory } from "../../types/ethers-contracts/factories/Units__factory.js";
import { batchIdOf } from "./codes.js";

/** An account and a batch: its code, or its number as a word where that is no code. */
export interface HoldingKey {
  readonly account: string;
  readonly batch: string;
}

/** What each of many holdings has, in tonnes, in one call: some hundreds fit into what a node allows for one. */
export type BalancesReader = (keys: readonly HoldingKey[], block: bigint) => Promise<bigint[]>;

/** @param runner The connection's provider. */
export function createBalancesReader(runner: ContractRunner, units: string): BalancesReader {
  const contract = Units__factory.connect(units, runner);
  return async (keys, block) => {
    const accounts = keys.map(({ account }) => account);
    const ids = keys.map(({ batch }) => (batch.startsWith("0x") ? BigInt(batch) : batchIdOf(batch)));
    return [...(await contract.balanceOfBatch(accounts, ids, { blockTag: block }))];
  };
}
