import type { HoldingView, TransferView } from "../ledger/read/units.js";

/** A holding, as the API shows it. */
export function holdingItem(holding: HoldingView) {
  const self = `/v1/holdings/${holding.account}/${encodeURIComponent(holding.batch)}`;
  return { ...holding, links: { self, blocks: `${self}/blocks` } };
}

/** A transfer, as the API shows it. */
export function transferItem({ blockNumber, timestamp, ...transfer }: TransferView) {
  return {
    ...transfer,
    timestamp: new Date(Number(timestamp) * 1_000).toISOString(),
    blockNumber: Number(blockNumber),
    links: { self: `/v1/transfers/${transfer.id}`, transaction: `/v1/transactions/${transfer.txHash}` },
  };
}
