import type { Db } from "../db/connection.js";
import { findDocuments, nameIn } from "../documents.js";
import type { JsonObject } from "../db/inbox-tables.js";
import { Problem } from "../errors.js";
import { findProject } from "../ledger/read/registry.js";
import { findRetirement } from "../ledger/read/retirements.js";
import { sealPdf } from "../verify/pdf.js";
import type { CertificateRecord } from "./facts.js";
import { metadataOf, type CertificateLinks } from "./metadata.js";
import { certificatePage } from "./page.js";
import { certificatePdf } from "./pdf.js";
import { createRecent } from "./recent.js";
import type { Language } from "./words.js";

export { LANGUAGES, type Language } from "./words.js";

export interface CertificatesDeps {
  readonly db: Db;
  /** The exact text of a retirement's proof pack. @throws Problem while there is none */
  pack(id: bigint): Promise<string>;
  /** Signs the seals. */
  readonly service: { signDigest(digest: string): Promise<string> };
  /** Decimal. */
  readonly chainId: string;
  /** Where the certificates are, EIP-55. */
  readonly contract: string;
  /** Where the world reaches the service, without a slash at its end. */
  readonly origin: string;
}

export interface Certificates {
  /** ERC-721 metadata. @throws Problem `not-found` */
  metadata(id: bigint): Promise<ReturnType<typeof metadataOf>>;
  /** Sealed, with the proof pack in it. @throws Problem `not-found`, and why there is no proof */
  pdf(id: bigint, language: Language): Promise<Uint8Array>;
  /** HTML. @throws Problem `not-found` */
  page(id: bigint, language: Language): Promise<string>;
}

/** Files that are kept: each has about 100 kB. */
const KEPT = 64;

/** Retirements as documents for people, in three forms that say the same. */
export function createCertificates({ db, pack, service, chainId, contract, origin }: CertificatesDeps): Certificates {
  const recent = createRecent<Uint8Array>(KEPT);
  const domain = { chainId, contract: contract.toLowerCase() };
  const pageUrl = (id: bigint, language: Language) => `${origin}/v1/certificates/${id}/page?language=${language}`;

  async function make(record: CertificateRecord, language: Language, proof: string): Promise<Uint8Array> {
    const { id } = record.retirement;
    const bytes = new TextEncoder().encode(proof);
    const pdf = await certificatePdf({ record, language, pack: bytes, url: pageUrl(id, language) });
    return sealPdf(pdf, String(id), (digest) => service.signDigest(digest), domain);
  }

  return {
    async metadata(id) {
      const record = await certificateRecord(db, id, contract);
      return metadataOf(record, linksOf(origin, id, "en"));
    },

    async pdf(id, language) {
      const record = await certificateRecord(db, id, contract);
      const proof = await pack(id);
      const { retiringEntity, project } = record;
      const key = JSON.stringify([String(id), language, retiringEntity, project, proof]);
      return recent.get(key, () => make(record, language, proof));
    },

    async page(id, language) {
      const record = await certificateRecord(db, id, contract);
      return certificatePage({
        record,
        language,
        links: linksOf("", id, language),
        pageIn: (other) => `/v1/certificates/${id}/page?language=${other}`,
        url: pageUrl(id, language),
      });
    },
  };
}

function linksOf(origin: string, id: bigint, language: Language): CertificateLinks {
  const retirement = `${origin}/v1/retirements/${id}`;
  const certificate = `${origin}/v1/certificates/${id}`;
  return {
    page: `${certificate}/page?language=${language}`,
    pdf: `${retirement}/certificate.pdf?language=${language}`,
    proof: `${retirement}/proof`,
    record: certificate,
  };
}

async function certificateRecord(db: Db, id: bigint, contract: string): Promise<CertificateRecord> {
  const retirement = await findRetirement(db, id);
  if (retirement === null) throw new Problem("not-found", `There is no retirement ${id}.`);
  const project = await findProject(db, retirement.project);
  const participant = await db
    .selectFrom("participants")
    .select("document_hash")
    .where("id", "=", retirement.participantId)
    .executeTakeFirst();
  const [projectHash, participantHash] = [project?.documentHash ?? null, participant?.document_hash ?? null];
  const documents = await findDocuments(db, [projectHash, participantHash]);
  const about = projectHash === null ? undefined : documents.get(projectHash);
  return {
    retirement,
    retiringEntity: participantHash === null ? null : nameIn(documents.get(participantHash)),
    project: {
      name: nameIn(about),
      programme: textIn(about, "programmeName") ?? textIn(about, "programme"),
      methodology: textIn(about, "methodology"),
    },
    contract,
  };
}

function textIn(document: JsonObject | undefined, name: string): string | null {
  const text = document?.[name];
  return typeof text === "string" && text !== "" ? text : null;
}
