import { randomBytes } from "node:crypto";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import { mayReadParticipant, principalName, type KeyHolder } from "../principal.js";
import { beneficiaryCommitment, type Person } from "../verify/person.js";

/** What a firm says of a natural person before it retires for them. */
export interface NewPerson {
  readonly name: string;
  /** Tax code, identity card: whatever makes the name one person's. */
  readonly identifier: string | null;
  /** 32 bytes as hex; made here when left out. */
  readonly salt: string | undefined;
  /** What is on the chain already, to be held against the rest. */
  readonly commitment: string | undefined;
}

/** What goes on the chain, and what opens it. */
export interface Commitment {
  readonly commitment: string;
  readonly salt: string;
}

export interface PersonalData {
  /**
   * Keeps a name off chain, and says what goes on the chain in its place. The same words again give the same answer.
   * @throws Problem `personal-data-mismatch`, `personal-data-erased`, `forbidden` when another firm keeps the very same
   */
  keep(holder: KeyHolder, person: NewPerson): Promise<Commitment>;
  /**
   * Who stands behind a retirement: for the firm that retired and said it, and for institutions.
   * @throws Problem `not-found`, `forbidden`, `personal-data-erased`
   */
  beneficiary(holder: KeyHolder, retirementId: bigint): Promise<Person & { readonly commitment: string }>;
  /**
   * Forgets name, identifier and salt for good; done twice, it is done. Records, totals and proofs never had them.
   * @throws Problem `not-found`, `forbidden`
   */
  erase(holder: KeyHolder, commitment: string): Promise<void>;
}

const SALT_BYTES = 32;

export function createPersonalData(db: Db): PersonalData {
  const find = (commitment: string) =>
    db.selectFrom("personal_data").selectAll().where("commitment", "=", commitment).executeTakeFirst();

  return {
    async keep(holder, { name, identifier, salt: given, commitment: stated }) {
      const participantId = ownParticipant(holder);
      const salt = given ?? `0x${randomBytes(SALT_BYTES).toString("hex")}`;
      const commitment = beneficiaryCommitment({ name, identifier, salt });
      if (stated !== undefined && stated !== commitment) throw new Problem("personal-data-mismatch");
      await db
        .insertInto("personal_data")
        .values({ commitment, participant_id: participantId, name: name.normalize("NFC"), identifier, salt })
        .onConflict((conflict) => conflict.column("commitment").doNothing())
        .execute();
      const kept = await find(commitment);
      if (kept?.participant_id !== participantId) throw new Problem("forbidden", "Another participant keeps this.");
      if (kept.erased_at !== null) throw new Problem("personal-data-erased");
      return { commitment, salt };
    },

    async beneficiary(holder, retirementId) {
      const retirement = await db
        .selectFrom("retirements")
        .select(["participant_id", "beneficiary_commitment"])
        .where("id", "=", retirementId)
        .executeTakeFirst();
      if (retirement === undefined) throw new Problem("not-found", `There is no retirement ${retirementId}.`);
      if (!mayReadParticipant(holder, retirement.participant_id)) throw new Problem("forbidden");
      const { beneficiary_commitment: commitment } = retirement;
      const row = commitment === null ? undefined : await find(commitment);
      // What another firm said stays between it and the institutions, even about the same commitment.
      if (commitment === null || row === undefined || !mayReadParticipant(holder, row.participant_id))
        throw new Problem("not-found", "Nobody told this service who stands behind the commitment.");
      const { name, identifier, salt } = row;
      if (name === null || salt === null) throw new Problem("personal-data-erased");
      return { commitment, name, identifier, salt };
    },

    async erase(holder, commitment) {
      const row = await find(commitment);
      const isOwn = holder.scope === "participant" && row?.participant_id === holder.participantId;
      if (!isOwn && !mayErase(holder)) {
        if (holder.scope !== "participant") throw new Problem("forbidden", "This needs the compliance officer.");
        throw new Problem("not-found", "The participant keeps no name behind this commitment.");
      }
      if (row === undefined) throw new Problem("not-found", "No name is kept behind this commitment.");
      await db
        .updateTable("personal_data")
        .set({ name: null, identifier: null, salt: null, erased_at: new Date(), erased_by: principalName(holder) })
        .where("commitment", "=", commitment)
        .where("erased_at", "is", null)
        .execute();
    },
  };
}

function ownParticipant({ scope, participantId }: KeyHolder): number {
  if (scope !== "participant" || participantId === null)
    throw new Problem("forbidden", "Names are kept for the participant that retires: use its key.");
  return participantId;
}

function mayErase({ scope, role }: KeyHolder): boolean {
  return scope === "admin" || (scope === "role" && role === "compliance-officer");
}
