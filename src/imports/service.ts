import { createHash } from "node:crypto";

import type { IntentDomain } from "../chain/intents.js";
import type { RegistryCalls } from "../chain/registry-calls.js";
import type { Signers } from "../chain/signers.js";
import type { TypedDomain } from "../chain/typed-data.js";
import type { Db } from "../db/connection.js";
import type { ImportRegistry, ImportStatus } from "../db/import-tables.js";
import { Problem } from "../errors.js";
import type { Institution } from "../institution.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import type { Logger } from "../logger.js";
import type { Operations } from "../operations/service.js";
import { mayReadParticipant, principalName, type Principal } from "../principal.js";
import type { Encoding } from "./csv.js";
import { importAccount } from "./owner.js";
import { readRows, type RowView } from "./row-views.js";
import { findImport, listImports, moveImport, type ImportRecord } from "./store.js";
import { readTotals, type ImportTotal, type TotalsBy } from "./totals.js";
import { createWorker } from "./worker.js";

export type { RowView } from "./row-views.js";
export type { ImportRecord } from "./store.js";
export type { ImportTotal, TotalsBy } from "./totals.js";

export interface ImportsDeps {
  readonly db: Db;
  readonly operations: Pick<Operations, "accept" | "wait">;
  readonly institution: Pick<Institution, "officer">;
  readonly signers: Pick<Signers, "signerOf" | "has">;
  readonly calls: RegistryCalls;
  /** Of the registry and of the intents. */
  readonly statements: TypedDomain;
  readonly intents: IntentDomain;
  /** Address of the relayer, who delivers statements. */
  readonly relayer: string;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
}

/** A file that is to be imported, on disk. */
export interface ImportFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: bigint;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Called once it is not needed any more. */
  discard(): Promise<void>;
}

export interface ImportRequest {
  readonly registry: ImportRegistry;
  /** Participant who owns the projects, and gets the units. */
  readonly ownerId: number;
  /** The owner's account; its first one that is managed here when left out. */
  readonly account: string | undefined;
  readonly dryRun: boolean;
  readonly encoding: Encoding | undefined;
}

/** Files of other registries: checked as a whole, consented to, and only then sent. */
export interface Imports {
  /** Takes up what an earlier process left. */
  start(): void;
  stop(): Promise<void>;
  /**
   * Takes a file. The same file again is the same import: while it is under way or done, nothing happens; after a refusal, a dry run or a
   * failure it is checked again.
   * @returns the import, and whether this request set it going
   * @throws Problem `participants-unknown`, `account-unknown`, `registry-owner-not-capable`, `import-under-way`; as `Institution.officer`
   */
  receive(
    principal: Principal,
    request: ImportRequest,
    file: ImportFile,
  ): Promise<{ readonly record: ImportRecord; readonly isNew: boolean }>;
  /**
   * Consents, as what the principal is: another registrar, a verifier, or the owner. When all have, the import begins.
   * @throws Problem `not-found`, `forbidden`, `import-not-waiting`, `registry-same-registrar`, `signer-unavailable`
   */
  consent(principal: Principal, id: string): Promise<ImportRecord>;
  /** @throws Problem `not-found` */
  get(principal: Principal, id: string): Promise<ImportRecord>;
  list(principal: Principal, status: ImportStatus | undefined, page: PageRequest): Promise<Page<ImportRecord>>;
  /** @throws Problem `not-found` */
  rows(principal: Principal, id: string, isRefusedOnly: boolean, page: PageRequest): Promise<Page<RowView>>;
  /** What the file says and what the ledger has. @throws Problem `not-found` */
  totals(principal: Principal, id: string, by: TotalsBy): Promise<ImportTotal[]>;
}

/** While it is one of these, a file that comes again is taken up anew. */
const OPEN_AGAIN: readonly ImportStatus[] = ["refused", "checked", "failed"];

export function createImports(deps: ImportsDeps): Imports {
  const { db } = deps;
  const worker = createWorker(deps);

  async function visible(principal: Principal, id: string): Promise<ImportRecord> {
    const record = await findImport(db, id);
    if (record === undefined || !mayReadParticipant(principal, record.owner_id)) {
      throw new Problem("not-found", `There is no import ${id}.`);
    }
    return record;
  }

  async function claim(
    principal: Principal,
    { registry, ownerId, dryRun, encoding }: ImportRequest,
    file: ImportFile,
    parties: { readonly registrar: string; readonly account: string },
  ): Promise<{ record: ImportRecord; isNew: boolean }> {
    const id = createHash("sha256").update(`${registry} ${file.sha256}`).digest("hex");
    const terms = {
      owner_id: ownerId,
      ...parties,
      dry_run: dryRun,
      declared_encoding: encoding ?? null,
      creator: principalName(principal),
    };
    const inserted = await db
      .insertInto("imports")
      .values({
        id,
        registry,
        file_name: file.name,
        file_sha256: file.sha256,
        bytes: file.bytes,
        status: "checking",
        ...terms,
      })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .executeTakeFirst();
    let isNew = (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n;
    const known = await findImport(db, id);
    if (known === undefined) throw new Error("An import vanished");
    if (!isNew && OPEN_AGAIN.includes(known.status)) {
      const attempt = known.status === "failed" ? known.attempt + 1 : known.attempt;
      const isSame = known.registrar === parties.registrar && known.account === parties.account && !dryRun;
      const consents = isSame ? {} : { approver: null, verifier: null, holder: null };
      const anew = { status: "checking", attempt, phase: 0, problem: null, ended_at: null, started_at: null } as const;
      isNew = await moveImport(db, id, [known.status], { ...terms, ...consents, ...anew });
    }
    const record = (await findImport(db, id)) ?? known;
    if (record.owner_id !== ownerId || record.account !== parties.account) {
      throw new Problem(
        "import-under-way",
        `Import ${id} is for participant ${record.owner_id} and ${record.account}.`,
      );
    }
    return { record, isNew };
  }

  return {
    start: () => worker.start(),
    stop: () => worker.stop(),

    async receive(principal, request, file) {
      let isTaken = false;
      try {
        const { account: registrar } = await deps.institution.officer(principal);
        const account = await importAccount(db, request.ownerId, request.account);
        const claimed = await claim(principal, request, file, { registrar, account });
        if (claimed.isNew) {
          isTaken = true;
          worker.check(claimed.record.id, file);
        }
        return claimed;
      } finally {
        if (!isTaken) await file.discard();
      }
    },

    async consent(principal, id) {
      const record = await visible(principal, id);
      const consent = await consentOf(deps, principal, record);
      const [name, account] = Object.entries(consent)[0] ?? [];
      const isGiven = name !== undefined && record[name as keyof typeof consent] === account;
      if (!isGiven && !(await moveImport(db, id, ["waiting"], consent))) {
        throw new Problem("import-not-waiting", `Import ${id} is ${record.status}.`);
      }
      worker.consider(id);
      return visible(principal, id);
    },

    get: visible,

    list(principal, status, page) {
      const ownerId =
        principal.kind === "key" && principal.scope === "participant" ? principal.participantId : undefined;
      return listImports(db, { status, ownerId: ownerId ?? undefined }, page);
    },

    async rows(principal, id, isRefusedOnly, page) {
      const record = await visible(principal, id);
      return readRows(db, { record, intents: deps.intents }, isRefusedOnly, page);
    },

    async totals(principal, id, by) {
      const record = await visible(principal, id);
      return readTotals(db, record.id, by);
    },
  };
}

type Consent = Partial<Pick<ImportRecord, "approver" | "verifier" | "holder">>;

/** What the principal's consent is worth. */
async function consentOf(deps: ImportsDeps, principal: Principal, record: ImportRecord): Promise<Consent> {
  if (principal.kind === "key" && principal.scope === "participant") {
    if (principal.participantId !== record.owner_id || (principal.account ?? record.account) !== record.account) {
      throw new Problem("forbidden", `The import is for the account ${record.account}.`);
    }
    if (!(await deps.signers.has(record.account))) {
      throw new Problem("signer-unavailable", `The service holds no key for ${record.account}.`);
    }
    return { holder: record.account };
  }
  const { role, account } = await deps.institution.officer(principal);
  if (role === "verifier") return { verifier: account };
  if (role !== "registrar") throw new Problem("forbidden", "A registrar, a verifier, or the owner consents.");
  if (account === record.registrar) {
    throw new Problem("registry-same-registrar", `${account} began this import.`, { evidence: { registrar: account } });
  }
  return { approver: account };
}
