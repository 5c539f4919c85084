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
    links: { self, transaction: `/v1/transactions/${view.txHash}`, certificate: `${self}/certificate` },
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

/** ERC-721 metadata of a certificate. */
export function certificateOf(view: Named<RetirementView>) {
  const beneficiary = view.beneficiary === "" ? "a natural person (commitment only)" : view.beneficiary;
  const attributes: [string, string | number | null][] = [
    ["Tonnes CO2e", view.tonnes.toString()],
    ["Batch", view.batch],
    ["Serial blocks", view.blocks.map(({ start, end }) => `${start}-${end}`).join(", ")],
    ["Project", view.project],
    ["Vintage", view.vintage],
    ["Retiring entity", view.participantName],
    ["Beneficiary", beneficiary],
    ["Beneficiary id", view.beneficiaryId === "" ? null : view.beneficiaryId],
    ["Beneficiary commitment", view.beneficiaryCommitment],
    ["Purpose", view.purpose],
    ["Reason", view.reason === "" ? null : view.reason],
    ["Consumption country", view.consumptionCountry],
    ["Consumption period", periodOf(view)],
    ["Retired at", isoTime(view.retiredAt)],
    ["Record hash", view.recordHash],
    ["Transaction", view.txHash],
  ];
  return {
    name: `Retirement ${view.id}`,
    description: `${view.tonnes} t CO2e of ${view.batch} were retired for good, for ${beneficiary}.`,
    attributes: attributes.flatMap(([trait_type, value]) => (value === null ? [] : [{ trait_type, value }])),
  };
}

function periodOf({ consumptionPeriodStart: start, consumptionPeriodEnd: end }: RetirementView): string | null {
  return start === null || end === null ? null : `${start} to ${end}`;
}

function isoTime(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString();
}
