import type { IssuanceTerms } from "../chain/registry-calls.js";
import { dayNumber } from "../chain/codes.js";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import { findAccount, findParticipant } from "../ledger/read/participants.js";
import { findProject, findStatement, type IssuanceView, type StatementView } from "../ledger/read/registry.js";
import { refusalOfProject } from "./statement-rules.js";

/**
 * A foreign block backs exactly the tonnes of the issuance.
 * @throws Problem `registry-foreign-block-invalid`
 */
export function checkForeignBlock({ foreignBlock, tonnes }: Pick<IssuanceTerms, "foreignBlock" | "tonnes">): void {
  if (foreignBlock === null) return;
  const { start, end } = foreignBlock;
  if (start <= end && end - start + 1n === tonnes) return;
  const detail =
    start > end
      ? `The block ${start} to ${end} is reversed.`
      : `The block ${start} to ${end} has ${end - start + 1n} serials; ${tonnes} tonnes are to be issued.`;
  const evidence = { start: start.toString(), end: end.toString(), tonnes: tonnes.toString() };
  throw new Problem("registry-foreign-block-invalid", detail, { evidence });
}

/** Why the contract would not take the proposal. */
export async function refusalOfProposal(db: Db, terms: IssuanceTerms): Promise<Problem | undefined> {
  const { statementId, batch, recipient, foreignBlock } = terms;
  const statement = await findStatement(db, statementId);
  if (statement === null) {
    const evidence = { statementId };
    return new Problem("registry-statement-unknown", `There is no verification statement ${statementId}.`, {
      evidence,
    });
  }
  const taken = await db.selectFrom("issuances").select("id").where("batch_code", "=", batch).executeTakeFirst();
  if (taken !== undefined) {
    return new Problem("registry-code-taken", `The code ${batch} was used before.`, { evidence: { code: batch } });
  }
  return (
    refusalByStatement(statement, terms) ??
    (await refusalOfProject(db, statement.project)) ??
    (await refusalOfRecipient(db, statement.project, recipient)) ??
    (await refusalOfForeignBlock(db, foreignBlock))
  );
}

function refusalByStatement(statement: StatementView, { vintage, tonnes }: IssuanceTerms): Problem | undefined {
  const { id, periodStart, periodEnd, verifiedTonnes, claimedTonnes } = statement;
  if (vintage < Number(periodStart.slice(0, 4)) || vintage > Number(periodEnd.slice(0, 4))) {
    const evidence = { vintage, periodStart: dayNumber(periodStart), periodEnd: dayNumber(periodEnd) };
    const detail = `The statement is about ${periodStart} to ${periodEnd}, not about ${vintage}.`;
    return new Problem("registry-vintage-outside-period", detail, { evidence });
  }
  const availableTonnes = verifiedTonnes - claimedTonnes;
  if (tonnes <= availableTonnes) return undefined;
  const evidence = { statementId: id, availableTonnes: availableTonnes.toString(), tonnes: tonnes.toString() };
  return new Problem("registry-statement-exceeded", `The statement has ${availableTonnes} t left.`, { evidence });
}

async function refusalOfRecipient(db: Db, projectCode: string, recipient: string): Promise<Problem | undefined> {
  const project = await findProject(db, projectCode);
  const account = await findAccount(db, recipient);
  const owner = account === null ? null : await findParticipant(db, account.participantId);
  if (account?.status === "active" && owner?.status === "active" && owner.id === project?.ownerId) return undefined;
  const evidence = { recipient, ownerId: project?.ownerId ?? 0 };
  const detail = `${recipient} is no active account of the owner of ${projectCode}.`;
  return new Problem("registry-recipient-invalid", detail, { evidence });
}

/** Nothing of another registry is recorded twice. The contract looks when the issuance is approved; whoever proposes wants to know now. */
export async function refusalOfForeignBlock(
  db: Db,
  block: IssuanceTerms["foreignBlock"],
): Promise<Problem | undefined> {
  if (block === null) return undefined;
  const met = await db
    .selectFrom("foreign_blocks")
    .select(["start_serial", "end_serial", "batch_code"])
    .where("programme", "=", block.programme)
    .where("series", "=", block.series)
    .where("start_serial", "<=", block.end)
    .where("end_serial", ">=", block.start)
    .orderBy("start_serial")
    .limit(1)
    .executeTakeFirst();
  if (met === undefined) return undefined;
  const evidence = { existingStart: met.start_serial.toString(), existingEnd: met.end_serial.toString() };
  const detail = `${met.start_serial} to ${met.end_serial} back the batch ${met.batch_code} already.`;
  return new Problem("interval-set-overlap", detail, { evidence });
}

/** What is approved or rejected must still be open. */
export function refusalOfDecision({ id, status }: IssuanceView): Problem | undefined {
  if (status === "proposed") return undefined;
  const evidence = { issuanceId: id, status };
  return new Problem("registry-issuance-status-invalid", `The issuance is ${status} already.`, { evidence });
}
