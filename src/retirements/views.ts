import type { CancellationView, RetirementView } from "../ledger/read/retirements.js";
import type { Named } from "./service.js";

/** A retirement, as the API shows it. @param contract Where the certificates are, EIP-55. */
export function retirementItem(view: Named<RetirementView>, contract: string) {
  const { participantName, project, blocks, blockNumber, retiredAt, logIndex: _, ...rest } = view;
  const self = `/v1/retirements/${view.id}`;
  return {
    ...rest,
    projectCode: project,
    serialBlocks: blocks,
    retiringEntity: participantName,
    retiredAt: isoTime(retiredAt),
    certificate: { contract, tokenId: view.id },
    blockNumber: Number(blockNumber),
    links: {
      self,
      transaction: `/v1/transactions/${view.txHash}`,
      certificate: `${self}/certificate`,
      certificatePdf: `${self}/certificate.pdf`,
      certificatePage: `/v1/certificates/${view.id}/page`,
      proof: `${self}/proof`,
    },
  };
}

/** A cancellation, as the API shows it. */
export function cancellationItem(view: Named<CancellationView>) {
  const { participantName, project, blocks, blockNumber, cancelledAt, logIndex: _, ...rest } = view;
  return {
    ...rest,
    projectCode: project,
    serialBlocks: blocks,
    cancellingEntity: participantName,
    cancelledAt: isoTime(cancelledAt),
    blockNumber: Number(blockNumber),
    links: { self: `/v1/cancellations/${view.id}`, transaction: `/v1/transactions/${view.txHash}` },
  };
}

function isoTime(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString();
}
