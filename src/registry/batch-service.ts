import type { FirstTransfer } from "../chain/event-types.js";
import type { RegistryCalls } from "../chain/registry-calls.js";
import type { Db } from "../db/connection.js";
import { newDocument } from "../documents.js";
import { Problem } from "../errors.js";
import type { Asker, Institution } from "../institution.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import { findBatch, listBatches, type BatchFilter, type BatchView } from "../ledger/read/registry.js";
import { findSerial, type SerialView } from "../ledger/read/units.js";
import { bitsOf, type Authorisation } from "./authorisations.js";
import { refuseUnlessUnsettled } from "../refusal.js";

export interface BatchesDeps {
  readonly db: Db;
  readonly institution: Institution;
  readonly calls: RegistryCalls;
}

export interface NewAuthorisation {
  readonly authorisations: readonly Authorisation[];
  readonly firstTransfer: FirstTransfer;
  readonly document: object;
}

export type Batches = ReturnType<typeof createBatches>;

/** What was issued. Acts return the operation's id, and refuse with the codes of the contract's errors. */
export function createBatches({ db, institution, calls }: BatchesDeps) {
  const checkKnown = (code: string): Promise<void> =>
    refuseUnlessUnsettled(db, async () => {
      if ((await findBatch(db, code)) !== null) return undefined;
      return new Problem("registry-batch-unknown", `There is no batch ${code}.`, { evidence: { batchId: code } });
    });

  return {
    async get(code: string): Promise<BatchView> {
      const batch = await findBatch(db, code);
      if (batch === null) throw new Problem("not-found", `There is no batch ${code}.`);
      return batch;
    },

    page: (filter: BatchFilter, request: PageRequest): Promise<Page<BatchView>> => listBatches(db, filter, request),

    /** Where one tonne is. */
    async serial(code: string, serial: bigint): Promise<SerialView> {
      const found = await findSerial(db, code, serial);
      if (found === null) throw new Problem("not-found", `There is no serial ${serial} of a batch ${code}.`);
      return found;
    },

    async authorise(asker: Asker, code: string, given: NewAuthorisation): Promise<string> {
      await checkKnown(code);
      const { authorisations, firstTransfer, document } = given;
      const stored = newDocument("authorisation", document);
      const bits = bitsOf(authorisations);
      return institution.act(asker, {
        kind: "batch.authorise",
        call: calls.authoriseBatch({
          batch: code,
          authorisations: bits,
          firstTransfer,
          documentHash: stored.hash,
        }),
        request: { batch: code, authorisations, firstTransfer, documentHash: stored.hash },
        documents: [stored],
      });
    },

    async revokeAuthorisation(asker: Asker, code: string, reason: string): Promise<string> {
      await checkKnown(code);
      const stored = newDocument("reason", { batch: code, reason });
      return institution.act(asker, {
        kind: "batch.authorisation.revoke",
        call: calls.revokeAuthorisation(code, stored.hash),
        request: { batch: code, reason },
        documents: [stored],
      });
    },

    async pause(asker: Asker, code: string): Promise<string> {
      await checkKnown(code);
      return institution.act(asker, { kind: "batch.pause", call: calls.pauseBatch(code), request: { batch: code } });
    },

    async unpause(asker: Asker, code: string): Promise<string> {
      await checkKnown(code);
      return institution.act(asker, {
        kind: "batch.unpause",
        call: calls.unpauseBatch(code),
        request: { batch: code },
      });
    },
  };
}
