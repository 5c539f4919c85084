import { beneficiaryOf, factsOf, type CertificateRecord } from "./facts.js";

/** Where the certificate can be had in other forms; absolute. */
export interface CertificateLinks {
  readonly page: string;
  readonly pdf: string;
  readonly proof: string;
  readonly record: string;
}

/** ERC-721 metadata of a certificate: what the token's `tokenURI` names. */
export function metadataOf(record: CertificateRecord, links: CertificateLinks) {
  const { retirement } = record;
  return {
    name: `Retirement ${retirement.id}`,
    description: `${retirement.tonnes} t CO2e of ${retirement.batch} were retired for good, for ${forWhom(record)}.`,
    external_url: links.page,
    attributes: factsOf(record, "en").map(({ label, value }) => ({ trait_type: label, value })),
    links: { self: links.record, page: links.page, pdf: links.pdf, proof: links.proof },
  };
}

function forWhom(record: CertificateRecord): string {
  return record.retirement.beneficiary === "" ? "a natural person (commitment only)" : beneficiaryOf(record, "en");
}
