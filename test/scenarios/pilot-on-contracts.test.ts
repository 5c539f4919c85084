import { id, Wallet, ZeroHash } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";

import { loadScenario, type Act, type Scenario } from "../../scripts/pilot/scenario.js";
import { batchIdOf, dayNumber } from "../../src/chain/codes.js";
import { INTENT_KINDS, type IntentKind } from "../../src/chain/event-types.js";
import { intentFromJson, type IntentJsonByKind } from "../../src/chain/intent-json.js";
import { encodeIntentPayload } from "../../src/chain/intent-payload.js";
import { intentDomain, signIntent } from "../../src/chain/intents.js";
import { cancellationBody, retirementBody, transferBody } from "../../src/client/intent-bodies.js";
import { CAPABILITIES, deployTestLedger, type TestLedger } from "../support/ledger.js";

/** The pilot's scenario, straight on the contracts: what it asks for is possible, and what it wants refused is refused. */
const scenario = loadScenario();
const CAPABILITY_BITS = {
  "trade-allowances": CAPABILITIES.TRADE_ALLOWANCES,
  "trade-credits": CAPABILITIES.TRADE_CREDITS,
  "develop-projects": CAPABILITIES.DEVELOP_PROJECTS,
  "hold-buffer": CAPABILITIES.HOLD_BUFFER,
};
const AUTHORISATION_BITS = { NDC: 1, IMP: 2, OP: 4 };
const GAS_PER_INTENT = 1_000_000n;
const FIRST_TRANSFERS = ["unspecified", "authorisation", "issuance", "use"];

let ledger: TestLedger;
const wallets = new Map<string, Wallet>();
const statementIds = new Map<string, string>();
const refused: string[] = [];

beforeAll(async () => {
  ledger = await deployTestLedger();
  for (const organisation of scenario.organisations) await admit(organisation);
  for (const project of scenario.projects) {
    const ownerId = await ledger.participants.participantOf(walletOf(project.owner).address);
    await ledger.registerProject(project.code, ownerId, project.bufferBasisPoints);
  }
  for (const batch of scenario.batches) await issue(batch);
  for (const act of scenario.acts) await play(act);
}, 120_000);

describe("the pilot scenario on the contracts", () => {
  it("leaves each batch with what its source shows as retired", async () => {
    for (const batch of scenario.batches) {
      const totals = await ledger.units.totals(batchIdOf(batch.code));
      expect(totals.issuedTonnes, batch.code).toBe(BigInt(batch.tonnes));
      expect(totals.retiredTonnes, batch.code).toBe(BigInt(batch.retiredTonnesInSource));
      expect(totals.heldTonnes + totals.retiredTonnes + totals.cancelledTonnes).toBe(totals.issuedTonnes);
    }
  });

  it("refuses what it wants refused, and nothing else", () => {
    expect(refused).toEqual(["refused-transfer-01"]);
  });
});

async function admit(organisation: Scenario["organisations"][number]): Promise<void> {
  const wallet = new Wallet(id(organisation.id));
  wallets.set(organisation.id, wallet);
  const capabilities = organisation.capabilities.reduce((bits, name) => bits | CAPABILITY_BITS[name], 0);
  await ledger.admit(organisation.taxCode, wallet.address, capabilities);
}

async function issue(batch: Scenario["batches"][number]): Promise<void> {
  const owner = scenario.projects.find((project) => project.code === batch.project)?.owner ?? "";
  const statementId = await ledger.recordStatement(
    ledger.statementOf(batch.project, {
      periodStart: dayNumber(batch.periodStart),
      periodEnd: dayNumber(batch.periodEnd),
      verifiedTonnes: BigInt(batch.tonnes),
    }),
    previousStatementId(batch),
  );
  statementIds.set(batch.code, statementId);
  const issuance = ledger.issuanceOf(statementId, {
    code: batch.code,
    tonnes: BigInt(batch.tonnes),
    vintage: batch.vintage,
    recipient: walletOf(owner).address,
  });
  await ledger.registry.proposeIssuance(issuance);
  await ledger.registry.connect(ledger.parts.registrar2).approveIssuance(issuance, 0);
}

/** The statement about the period before this one, among those recorded. */
function previousStatementId(batch: Scenario["batches"][number]): string {
  const earlier = scenario.batches.filter(
    (one) => one.project === batch.project && one.periodStart < batch.periodStart,
  );
  const last = earlier.sort((a, b) => (a.periodStart < b.periodStart ? -1 : 1)).at(-1);
  return statementIds.get(last?.code ?? "") ?? ZeroHash;
}

async function play(act: Act): Promise<void> {
  switch (act.kind) {
    case "authorisation": {
      const bits = act.authorisations.reduce((sum, name) => sum | AUTHORISATION_BITS[name], 0);
      const firstTransfer = FIRST_TRANSFERS.indexOf(act.firstTransfer);
      await ledger.registry.authoriseBatch(batchIdOf(act.batch), bits, firstTransfer, id(act.step));
      return;
    }
    case "transfer":
      return execute("transfer", act, transferBody({ ...act, to: walletOf(act.to).address }, termsOf(act)));
    case "retirement":
      return execute(
        "retirement",
        act,
        retirementBody({ ...act, beneficiaryCommitment: act.beneficiaryCommitment ?? null }, termsOf(act)),
      );
    case "cancellation":
      return execute("cancellation", act, cancellationBody(act, termsOf(act)));
    case "suspension": {
      const participantId = await ledger.participants.participantOf(walletOf(act.organisation).address);
      await ledger.participants.connect(ledger.parts.compliance1).suspend(participantId, id(act.reason));
      return;
    }
    case "refused-transfer": {
      const body = transferBody({ ...act, to: walletOf(act.to).address }, termsOf(act));
      await execute("transfer", act, body).catch(() => refused.push(act.step));
      return;
    }
    case "revoked-transfer": {
      // That a revoked nonce is refused is the subject of the intents' own tests; here, that the firm has what it signs away.
      const held = await ledger.units.balanceOf(walletOf(act.account).address, batchIdOf(act.batch));
      expect(held).toBeGreaterThanOrEqual(BigInt(act.tonnes));
    }
  }
}

async function execute<K extends IntentKind>(
  kind: K,
  act: { account: string; step: string },
  json: IntentJsonByKind[K],
) {
  const intent = intentFromJson(kind, json);
  const domain = intentDomain(ledger.chainId, ledger.addresses.Intents);
  const signature = await signIntent(walletOf(act.account), kind, intent, domain);
  const item = { kind: INTENT_KINDS.indexOf(kind), payload: encodeIntentPayload(kind, intent), signature };
  const sent = await ledger.intents.executeBatch([item], GAS_PER_INTENT);
  const receipt = await sent.wait();
  const failures = receipt?.logs.map((log) => ledger.intents.interface.parseLog(log)?.name).filter(isFailure) ?? [];
  if (failures.length > 0) throw new Error(`${act.step} was refused`);
}

function isFailure(name: string | undefined): boolean {
  return name === "IntentFailed";
}

function termsOf(act: { account: string; step: string }) {
  return { account: walletOf(act.account).address, nonce: BigInt(id(act.step)), deadline: 1n << 40n };
}

function walletOf(organisation: string): Wallet {
  const wallet = wallets.get(organisation);
  if (wallet === undefined) throw new Error(`No organisation "${organisation}"`);
  return wallet;
}
