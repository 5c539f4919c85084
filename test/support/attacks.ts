import { expect } from "vitest";

import type { deployExchange } from "./exchange.js";
import type { LedgerEvent } from "./revert.js";

/** As many nonces from zero on are compared, for each account. */
const NONCES = 6;

/** Whatever an attack could change for these accounts and batches: positions, wallets, what the exchange owes, closed nonces. */
export function watch(
  { exchange, units, cash }: Awaited<ReturnType<typeof deployExchange>>,
  accounts: readonly string[],
  batchIds: readonly bigint[],
) {
  async function batchOf(account: string, batchId: bigint): Promise<unknown[]> {
    const closed = Array.from({ length: NONCES }, (_, nonce) => exchange.isNonceClosed(account, batchId, nonce));
    return [
      [...(await exchange.unitPosition(account, batchId))],
      await units.balanceOf(account, batchId),
      await Promise.all(closed),
    ];
  }

  async function everything(): Promise<unknown[]> {
    const state: unknown[] = [await exchange.owedCash(), await cash.balanceOf(exchange), await cash.totalSupply()];
    for (const batchId of batchIds) {
      state.push(await exchange.owedTonnes(batchId), await units.balanceOf(exchange, batchId));
    }
    for (const account of accounts) {
      state.push([...(await exchange.cashPosition(account))], await cash.balanceOf(account));
      state.push(await exchange.firstValidNonce(account));
      for (const batchId of batchIds) state.push(await batchOf(account, batchId));
    }
    return state;
  }

  return {
    everything,

    /** Expects that an attempt settles nothing, and that everything is as before. @returns the events, none if it reverted */
    async expectHarmless(attempt: () => Promise<LedgerEvent[]>): Promise<LedgerEvent[]> {
      const before = await everything();
      const events = await attempt();
      expect(events.filter(({ name }) => name !== "TradeFailed")).toEqual([]);
      expect(await everything()).toEqual(before);
      return events;
    },

    /** Expects that an attempt reverts, with this error if it is named, and that everything is as before. */
    async expectReverted(attempt: () => Promise<unknown>, name?: string): Promise<void> {
      const before = await everything();
      const failure: unknown = await attempt().then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(Error);
      if (name !== undefined) {
        const { data } = failure as { data?: string };
        expect(exchange.interface.parseError(data ?? "0x")?.name ?? data).toBe(name);
      }
      expect(await everything()).toEqual(before);
    },
  };
}
