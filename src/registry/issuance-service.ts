import type { IssuanceTerms, RegistryCalls } from "../chain/registry-calls.js";
import type { Db } from "../db/connection.js";
import { findDocuments, newDocument } from "../documents.js";
import { Problem } from "../errors.js";
import type { Asker, Institution } from "../institution.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import { findIssuance, listIssuances, type IssuanceFilter, type IssuanceView } from "../ledger/read/registry.js";
import { checkForeignBlock, refusalOfDecision, refusalOfForeignBlock, refusalOfProposal } from "./issuance-rules.js";
import { refusalOfProject } from "./statement-rules.js";
import { refuseUnlessUnsettled } from "../refusal.js";

export interface IssuancesDeps {
  readonly db: Db;
  readonly institution: Institution;
  readonly calls: RegistryCalls;
}

export interface NewIssuance extends Omit<IssuanceTerms, "foreignBlock" | "documentHash"> {
  readonly foreignBlock?: IssuanceTerms["foreignBlock"] | undefined;
  readonly document: object;
}

/** `document` and `reason` are null when there are none, or this service does not know them. */
export interface KnownIssuance extends IssuanceView {
  readonly document: object | null;
  readonly reason: string | null;
}

export type Issuances = ReturnType<typeof createIssuances>;

/** Proposed by one registrar, approved by another. Acts return the operation's id, and refuse with the codes of the contract's errors. */
export function createIssuances({ db, institution, calls }: IssuancesDeps) {
  const requireIssuance = async (id: string): Promise<IssuanceView> => {
    const issuance = await findIssuance(db, id);
    if (issuance === null) throw new Problem("not-found", `There is no issuance ${id}.`);
    return issuance;
  };

  return {
    async get(id: string): Promise<KnownIssuance> {
      const [known] = await withDocuments(db, [await requireIssuance(id)]);
      if (known === undefined) throw new Error("An issuance became none");
      return known;
    },

    async page(filter: IssuanceFilter, request: PageRequest): Promise<Page<KnownIssuance>> {
      const { items, next } = await listIssuances(db, filter, request);
      return { items: await withDocuments(db, items), next };
    },

    async propose(asker: Asker, { document, foreignBlock, ...rest }: NewIssuance): Promise<string> {
      const stored = newDocument("issuance", document);
      const terms: IssuanceTerms = { ...rest, foreignBlock: foreignBlock ?? null, documentHash: stored.hash };
      checkForeignBlock(terms);
      await refuseUnlessUnsettled(db, () => refusalOfProposal(db, terms));
      return institution.act(asker, {
        kind: "issuance.propose",
        call: calls.proposeIssuance(terms),
        request: terms,
        documents: [stored],
      });
    },

    /** The registrar approves what was proposed, in full: the service repeats it from the read model. */
    async approve(asker: Asker, id: string): Promise<string> {
      const { account } = await institution.officer(asker.principal);
      const issuance = await requireIssuance(id);
      if (issuance.proposer === account) {
        const detail = `${account} proposed this issuance.`;
        throw new Problem("registry-same-registrar", detail, { evidence: { registrar: account } });
      }
      await refuseUnlessUnsettled(
        db,
        async () =>
          refusalOfDecision(await requireIssuance(id)) ??
          (await refusalOfProject(db, issuance.project)) ??
          (await refusalOfForeignBlock(db, issuance.foreignBlock)),
      );
      const request = { issuanceId: id, batch: issuance.batch };
      return institution.act(asker, {
        kind: "issuance.approve",
        call: calls.approveIssuance(termsOf(issuance)),
        request,
      });
    },

    async reject(asker: Asker, id: string, reason: string): Promise<string> {
      const issuance = await requireIssuance(id);
      await refuseUnlessUnsettled(db, async () => refusalOfDecision(await requireIssuance(id)));
      const stored = newDocument("reason", { issuanceId: id, reason });
      return institution.act(asker, {
        kind: "issuance.reject",
        call: calls.rejectIssuance(termsOf(issuance), stored.hash),
        request: { issuanceId: id, batch: issuance.batch, reason },
        documents: [stored],
      });
    },
  };
}

async function withDocuments(db: Db, issuances: readonly IssuanceView[]): Promise<KnownIssuance[]> {
  const hashes = issuances.flatMap((issuance) => [issuance.documentHash, issuance.reasonHash]);
  const documents = await findDocuments(db, hashes);
  return issuances.map((issuance) => {
    const reason = documents.get(issuance.reasonHash ?? "")?.["reason"];
    return {
      ...issuance,
      document: documents.get(issuance.documentHash) ?? null,
      reason: typeof reason === "string" ? reason : null,
    };
  });
}

function termsOf(issuance: IssuanceView): IssuanceTerms {
  const { statementId, batch, vintage, tonnes, recipient, foreignBlock, documentHash } = issuance;
  return { statementId, batch, vintage, tonnes, recipient, foreignBlock, documentHash };
}
