import type { ContractRunner } from "ethers";

import { Exchange__factory } from "../../types/ethers-contracts/factories/Exchange__factory.js";
import { SettlementCash__factory } from "../../types/ethers-contracts/factories/SettlementCash__factory.js";
import { Units__factory } from "../../types/ethers-contracts/factories/Units__factory.js";
import { batchIdOf } from "./codes.js";
import { ZERO_ADDRESS } from "./event-types.js";
import type { LedgerAddresses } from "./events.js";
import { DEAL_STATUSES, INSTRUMENT_KINDS, REDEMPTION_STATUSES } from "./exchange-event-types.js";

/** The part of the ledger's reader (`ledger-reader.ts`) that is about money and trades. The empty batch code stands for cash. */
export function exchangeReader(runner: ContractRunner, addresses: LedgerAddresses) {
  const cash = SettlementCash__factory.connect(addresses.SettlementCash, runner);
  const exchange = Exchange__factory.connect(addresses.Exchange, runner);
  const units = Units__factory.connect(addresses.Units, runner);
  const at = (block: bigint) => ({ blockTag: block });

  return {
    cashBalance: (account: string, block: bigint) => cash.balanceOf(account, at(block)),
    cashSupply: (block: bigint) => cash.totalSupply(at(block)),
    /** What is on its way out: redemptions that are open. */
    cashSetAside: (block: bigint) => cash.balanceOf(addresses.SettlementCash, at(block)),
    cashPaused: (block: bigint) => cash.paused(at(block)),
    singleApprovalLimit: (block: bigint) => cash.singleApprovalLimit(at(block)),
    isReferenceUsed: (reference: string, block: bigint) => cash.isReferenceUsed(reference, at(block)),
    redemptionCount: (block: bigint) => cash.redemptionCount(at(block)),

    async redemption(id: bigint, block: bigint) {
      const read = await cash.redemption(id, at(block));
      return {
        account: read.account,
        amount: read.amount,
        status: REDEMPTION_STATUSES[Number(read.status)],
        approver: orNull(read.approver),
        payoutHash: read.payoutHash,
      };
    },

    async position(account: string, batch: string, block: bigint) {
      if (batch === "") {
        const { amount, leavingAmount, availableAt } = await exchange.cashPosition(account, at(block));
        return { amount, leaving: leavingAmount, availableAt };
      }
      const { tonnes, leavingTonnes, availableAt } = await exchange.unitPosition(account, idOf(batch), at(block));
      return { amount: tonnes, leaving: leavingTonnes, availableAt };
    },

    /** What the exchange says it owes, and what it has. */
    async exchangeAsset(batch: string, block: bigint) {
      const [owed, held] = await (batch === ""
        ? Promise.all([exchange.owedCash(at(block)), cash.balanceOf(addresses.Exchange, at(block))])
        : Promise.all([
            exchange.owedTonnes(idOf(batch), at(block)),
            units.balanceOf(addresses.Exchange, idOf(batch), at(block)),
          ]));
      return { owed, held };
    },

    instrumentKind: async (batch: string, block: bigint) =>
      INSTRUMENT_KINDS[Number(await exchange.instrumentKind(batchIdOf(batch), at(block)))],

    /** Zero for an order that nothing was filled of, and for one that is filled. */
    filledTonnes: (orderHash: string, block: bigint) => exchange.filledTonnes(orderHash, at(block)),
    isNonceClosed: (account: string, batch: string, nonce: bigint, block: bigint) =>
      exchange.isNonceClosed(account, idOf(batch), nonce, at(block)),
    firstValidNonce: (account: string, block: bigint) => exchange.firstValidNonce(account, at(block)),
    dealStatus: async (hash: string, block: bigint) =>
      DEAL_STATUSES[Number(await exchange.dealStatus(hash, at(block)))],

    /** As it is at the block's time: a change that has begun is no announcement any more. */
    async feeSchedule(block: bigint) {
      const read = await exchange.feeSchedule(at(block));
      return {
        basisPoints: Number(read.basisPoints),
        nextBasisPoints: Number(read.nextBasisPoints),
        nextFrom: Number(read.nextFrom),
        account: orNull(read.account),
      };
    },
  };
}

function orNull(account: string): string | null {
  return account === ZERO_ADDRESS ? null : account;
}

/** An order that is cancelled may name any number as its batch: what is no code stands in the read model as its word. */
function idOf(batch: string): bigint {
  if (batch === "") return 0n;
  return batch.startsWith("0x") ? BigInt(batch) : batchIdOf(batch);
}
