import type { ParticipantsCalls } from "../chain/participants-calls.js";
import type { Signers } from "../chain/signers.js";
import type { Db } from "../db/connection.js";
import { findDocuments, nameIn, newDocument } from "../documents.js";
import { Problem } from "../errors.js";
import type { Asker, Institution } from "../institution.js";
import {
  findAccount,
  findParticipant,
  listAccounts,
  listParticipants,
  type AccountFilter,
  type AccountView,
  type ParticipantFilter,
  type ParticipantView,
} from "../ledger/read/participants.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import { refuseAssetsLeft } from "./assets-left.js";
import { capabilityBits } from "./capabilities.js";
import type { AddAccountRequest, AdmitRequest, UpdateRequest } from "./schemas.js";

export interface ParticipantsDeps {
  readonly db: Db;
  readonly calls: ParticipantsCalls;
  readonly institution: Institution;
  readonly signers: Pick<Signers, "createManagedAccount">;
}

export interface ManagedAccountView extends AccountView {
  /** True when this service keeps the key. */
  readonly managed: boolean;
}

export interface KnownParticipant extends ParticipantView {
  readonly name: string | null;
  readonly document: Record<string, unknown> | null;
  readonly accounts: readonly ManagedAccountView[];
}

export type Participants = ReturnType<typeof createParticipants>;

/** Who may act. The contract decides; the service keeps the public records, and the keys of managed accounts. */
export function createParticipants(deps: ParticipantsDeps) {
  return { ...reads(deps.db), ...participantActs(deps), ...accountActs(deps), ...replacementActs(deps) };
}

function reads(db: Db) {
  return {
    async list(filter: ParticipantFilter, page: PageRequest): Promise<Page<KnownParticipant>> {
      const { items, next } = await listParticipants(db, filter, page);
      return { items: await withRecords(db, items), next };
    },

    async get(id: number): Promise<KnownParticipant> {
      const view = await requireParticipant(db, id);
      const [known] = await withRecords(db, [view]);
      if (known === undefined) throw new Error("A participant became none");
      return known;
    },

    async accounts(filter: AccountFilter, page: PageRequest): Promise<Page<ManagedAccountView>> {
      const { items, next } = await listAccounts(db, filter, page);
      return { items: await withCustody(db, items), next };
    },

    async account(address: string): Promise<ManagedAccountView> {
      const view = await findAccount(db, address);
      if (view === null) throw new Problem("not-found", `${address} was never an account of a participant.`);
      const [known] = await withCustody(db, [view]);
      if (known === undefined) throw new Error("An account became none");
      return known;
    },
  };
}

function participantActs({ db, calls, institution, signers }: ParticipantsDeps) {
  const terms = ({ capabilities, kycExpiresAt }: UpdateRequest, documentHash: string) => ({
    capabilities: capabilityBits(capabilities),
    kycExpiresAt: Math.floor(Date.parse(kycExpiresAt) / 1_000),
    documentHash,
  });

  return {
    async admit(asker: Asker, request: AdmitRequest): Promise<string> {
      await institution.officer(asker.principal);
      const document = newDocument("participant", request.document);
      // Before the operation, so that no account is on the chain whose key was lost on the way; at worst a key remains that nobody uses.
      const account = "account" in request ? request.account : await signers.createManagedAccount({});
      const call = calls.admit(request.taxCode, terms(request, document.hash), account);
      return institution.act(asker, {
        kind: "participant.admit",
        call,
        request: { ...request, account },
        documents: [document],
      });
    },

    async update(asker: Asker, id: number, request: UpdateRequest): Promise<string> {
      await requireParticipant(db, id);
      const document = newDocument("participant", request.document);
      const call = calls.update(id, terms(request, document.hash));
      return institution.act(asker, {
        kind: "participant.update",
        call,
        request: { id, ...request },
        participantId: id,
        documents: [document],
      });
    },

    async suspend(asker: Asker, id: number, reason: string): Promise<string> {
      await requireParticipant(db, id);
      const document = newDocument("suspension", { participantId: id, reason });
      const call = calls.suspend(id, document.hash);
      return institution.act(asker, {
        kind: "participant.suspend",
        call,
        request: { id, reason },
        participantId: id,
        documents: [document],
      });
    },

    async reinstate(asker: Asker, id: number): Promise<string> {
      await requireParticipant(db, id);
      const call = calls.reinstate(id);
      return institution.act(asker, { kind: "participant.reinstate", call, request: { id }, participantId: id });
    },

    async close(asker: Asker, id: number): Promise<string> {
      await requireParticipant(db, id);
      await refuseAssetsLeft(db, id);
      const call = calls.close(id);
      return institution.act(asker, { kind: "participant.close", call, request: { id }, participantId: id });
    },
  };
}

function accountActs({ db, calls, institution, signers }: ParticipantsDeps) {
  return {
    async addAccount(asker: Asker, id: number, request: AddAccountRequest): Promise<string> {
      await institution.officer(asker.principal);
      await requireParticipant(db, id);
      const account =
        "address" in request ? request.address : await signers.createManagedAccount({ participantId: id });
      const call = calls.addAccount(id, account);
      return institution.act(asker, { kind: "account.add", call, request: { id, account }, participantId: id });
    },

    async removeAccount(asker: Asker, id: number, account: string): Promise<string> {
      await requireParticipant(db, id);
      await refuseAssetsLeft(db, id, account);
      const call = calls.removeAccount(id, account);
      return institution.act(asker, { kind: "account.remove", call, request: { id, account }, participantId: id });
    },
  };
}

/** Replacing an account whose key is lost: two officers, then the holdings. */
function replacementActs({ db, calls, institution }: ParticipantsDeps) {
  const ownerOf = async (address: string): Promise<number> => {
    const account = await findAccount(db, address);
    if (account === null) throw new Problem("not-found", `${address} was never an account of a participant.`);
    return account.participantId;
  };

  return {
    async proposeReplacement(asker: Asker, lost: string, newAccount: string): Promise<string> {
      const participantId = await ownerOf(lost);
      const call = calls.proposeReplacement(lost, newAccount);
      const request = { account: lost, newAccount };
      return institution.act(asker, { kind: "account.replacement.propose", call, request, participantId });
    },

    async approveReplacement(asker: Asker, lost: string, newAccount: string): Promise<string> {
      const participantId = await ownerOf(lost);
      const call = calls.approveReplacement(lost, newAccount);
      const request = { account: lost, newAccount };
      return institution.act(asker, { kind: "account.replacement.approve", call, request, participantId });
    },

    async withdrawReplacement(asker: Asker, lost: string): Promise<string> {
      const participantId = await ownerOf(lost);
      const call = calls.withdrawReplacement(lost);
      const request = { account: lost };
      return institution.act(asker, { kind: "account.replacement.withdraw", call, request, participantId });
    },

    async recover(asker: Asker, lost: string, batch: string): Promise<string> {
      const participantId = await ownerOf(lost);
      const call = calls.recover(lost, batch);
      return institution.act(asker, {
        kind: "account.recover",
        call,
        request: { account: lost, batch },
        participantId,
      });
    },
  };
}

async function requireParticipant(db: Db, id: number): Promise<ParticipantView> {
  const participant = await findParticipant(db, id);
  if (participant === null) throw new Problem("not-found", `There is no participant ${id}.`);
  return participant;
}

/** Adds what the chain does not carry, for a page at once. */
async function withRecords(db: Db, views: readonly ParticipantView[]): Promise<KnownParticipant[]> {
  if (views.length === 0) return [];
  const documents = await findDocuments(
    db,
    views.map((view) => view.documentHash),
  );
  const rows = await db
    .selectFrom("accounts")
    .leftJoin("keystores", "keystores.address", "accounts.address")
    .selectAll("accounts")
    .select("keystores.address as managed_address")
    .where(
      "accounts.participant_id",
      "in",
      views.map((view) => view.id),
    )
    .orderBy("accounts.added_block")
    .orderBy("accounts.address")
    .execute();
  return views.map((view) => {
    const document = documents.get(view.documentHash);
    const accounts = rows.filter((row) => row.participant_id === view.id);
    return {
      ...view,
      name: nameIn(document),
      document: document ?? null,
      accounts: accounts.map((row) => ({
        address: row.address,
        participantId: row.participant_id,
        status: row.status,
        successor: row.successor,
        proposedSuccessor: row.proposed_successor,
        proposedBy: row.proposed_by,
        txHash: row.tx_hash,
        blockNumber: row.added_block,
        managed: row.managed_address !== null,
      })),
    };
  });
}

async function withCustody(db: Db, views: readonly AccountView[]): Promise<ManagedAccountView[]> {
  if (views.length === 0) return [];
  const addresses = views.map((view) => view.address);
  const rows = await db.selectFrom("keystores").select("address").where("address", "in", addresses).execute();
  const managed = new Set(rows.map((row) => row.address));
  return views.map((view) => ({ ...view, managed: managed.has(view.address) }));
}
