import type { LedgerReader } from "../chain/ledger-reader.js";
import type { Check } from "./reconcile-check.js";
import { exchangeChecks } from "./reconcile-exchange-checks.js";
import type { Snapshot } from "./reconcile-snapshot.js";
import { tonnesOf, type SerialRange } from "./serial-partition.js";

/** Everything that the contracts can be asked for about what the read model says. */
export function checksOf(snapshot: Snapshot, reader: LedgerReader): Check[] {
  return [
    ...wholeChecks(snapshot, reader),
    ...participantChecks(snapshot, reader),
    ...registryChecks(snapshot, reader),
    ...batchChecks(snapshot, reader),
    ...holdingChecks(snapshot, reader),
    ...exchangeChecks(snapshot, reader),
  ];
}

function* wholeChecks(snapshot: Snapshot, reader: LedgerReader): Generator<Check> {
  const { blockNumber: block, tables } = snapshot;
  const state = new Map(tables.ledger_state.map(({ name, value }) => [name, value]));
  const which = "ledger";
  yield { what: "paused", which, readModel: state.get("paused") === "true", ask: () => reader.paused(block) };
  yield {
    what: "bufferAccount",
    which,
    readModel: state.get("bufferAccount") ?? null,
    ask: () => reader.bufferAccount(block),
  };
  const participants = BigInt(tables.participants.length);
  yield { what: "participantCount", which, readModel: participants, ask: () => reader.participantCount(block) };
  yield {
    what: "retirementCount",
    which,
    readModel: snapshot.retirementCount,
    ask: () => reader.retirementCount(block),
  };
  yield {
    what: "cancellationCount",
    which,
    readModel: snapshot.cancellationCount,
    ask: () => reader.cancellationCount(block),
  };
  for (const { id, record_hash } of snapshot.retirements) {
    yield { what: "retirement", which: `${id}`, readModel: record_hash, ask: () => reader.retirementHash(id, block) };
  }
  for (const { id, record_hash } of snapshot.cancellations) {
    yield {
      what: "cancellation",
      which: `${id}`,
      readModel: record_hash,
      ask: () => reader.cancellationHash(id, block),
    };
  }
}

function* participantChecks({ blockNumber: block, tables }: Snapshot, reader: LedgerReader): Generator<Check> {
  const activeAccounts = new Map<number, bigint>();
  for (const { address, participant_id, status, successor } of tables.accounts) {
    if (status === "active") activeAccounts.set(participant_id, (activeAccounts.get(participant_id) ?? 0n) + 1n);
    const readModel = { participantId: participant_id, status, successor };
    yield { what: "account", which: address, readModel, ask: () => reader.account(address, block) };
  }
  for (const { id, tax_code, status, capabilities, kyc_expires_at, document_hash } of tables.participants) {
    const readModel = {
      status,
      capabilities,
      kycExpiresAt: kyc_expires_at,
      documentHash: document_hash,
      accountCount: activeAccounts.get(id) ?? 0n,
    };
    yield { what: "participant", which: `${id}`, readModel, ask: () => reader.participant(id, block) };
    yield {
      what: "taxCode",
      which: tax_code,
      readModel: id,
      ask: () => reader.participantIdOfTaxCode(tax_code, block),
    };
  }
}

function* registryChecks({ blockNumber: block, tables }: Snapshot, reader: LedgerReader): Generator<Check> {
  for (const { code, status, owner_id, buffer_basis_points, document_hash } of tables.projects) {
    const readModel = {
      status,
      ownerId: owner_id,
      bufferBasisPoints: buffer_basis_points,
      documentHash: document_hash,
    };
    yield { what: "project", which: code, readModel, ask: () => reader.project(code, block) };
  }
  for (const { id, project_code, period_start, period_end, verified_tonnes, claimed_tonnes } of tables.statements) {
    const readModel = {
      project: project_code,
      periodStart: period_start,
      periodEnd: period_end,
      verifiedTonnes: verified_tonnes,
      claimedTonnes: claimed_tonnes,
    };
    yield { what: "statement", which: id, readModel, ask: () => reader.statement(id, block) };
  }
  for (const { id, status } of tables.issuances) {
    yield { what: "issuance", which: id, readModel: status, ask: () => reader.issuanceStatus(id, block) };
  }
}

function* batchChecks({ blockNumber: block, tables }: Snapshot, reader: LedgerReader): Generator<Check> {
  const held = sumBy(tables.holdings, ({ batch_code, tonnes }) => [batch_code, tonnes]);
  const serials = sumBy(tables.serial_blocks, (row) => [
    `${row.state} ${row.batch_code}`,
    row.end_serial - row.start_serial + 1n,
  ]);
  for (const batch of tables.batches) {
    const { code } = batch;
    const totals = {
      issuedTonnes: batch.issued_tonnes,
      heldTonnes: batch.held_tonnes,
      retiredTonnes: batch.retired_tonnes,
      cancelledTonnes: batch.cancelled_tonnes,
    };
    yield { what: "totals", which: code, readModel: totals, ask: () => reader.totals(code, block) };
    // A holding that the read model misses shows in the sum, since only the holdings it knows are compared one by one.
    const sums = {
      issuedTonnes: batch.issued_tonnes,
      heldTonnes: held.get(code) ?? 0n,
      retiredTonnes: serials.get(`retired ${code}`) ?? 0n,
      cancelledTonnes: serials.get(`cancelled ${code}`) ?? 0n,
    };
    yield { what: "sums", which: code, readModel: sums, ask: () => reader.totals(code, block) };
    const readModel = {
      project: batch.project_code,
      vintage: batch.vintage,
      authorisations: batch.authorisations,
      firstTransfer: batch.first_transfer,
      authorisationRevoked: batch.authorisation_revoked,
      issuedTonnes: batch.issued_tonnes,
    };
    yield { what: "batch", which: code, readModel, ask: () => reader.batch(code, block) };
    yield { what: "batchPaused", which: code, readModel: batch.paused, ask: () => reader.batchPaused(code, block) };
  }
}

function* holdingChecks({ blockNumber: block, tables }: Snapshot, reader: LedgerReader): Generator<Check> {
  const blocks = new Map<string, SerialRange[]>();
  for (const { batch_code, account, state, start_serial, end_serial } of tables.serial_blocks) {
    if (state !== "held") continue;
    const key = `${account} ${batch_code}`;
    const list = blocks.get(key) ?? [];
    list.push({ start: start_serial, end: end_serial });
    blocks.set(key, list);
  }
  for (const { account, batch_code: batch, tonnes, frozen_tonnes: frozenTonnes } of tables.holdings) {
    const which = `${account} ${batch}`;
    yield {
      what: "holding",
      which,
      readModel: { tonnes, frozenTonnes },
      ask: () => reader.holding(account, batch, block),
    };
    const ours = (blocks.get(which) ?? []).sort((a, b) => (a.start < b.start ? -1 : 1));
    yield { what: "blocks", which, readModel: ours, ask: () => reader.blocks(account, batch, block) };
    blocks.delete(which);
    // The read model agrees with itself: as many serials as tonnes.
    const check = { what: "blockTonnes", which, readModel: tonnesOf(ours) };
    yield { ...check, ask: async () => (await reader.holding(account, batch, block)).tonnes };
  }
  for (const [which, list] of blocks) {
    yield { what: "blocks", which, readModel: list, ask: () => Promise.resolve([]) };
  }
}

function sumBy<T>(rows: readonly T[], pick: (row: T) => [key: string, tonnes: bigint]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const row of rows) {
    const [key, tonnes] = pick(row);
    sums.set(key, (sums.get(key) ?? 0n) + tonnes);
  }
  return sums;
}
