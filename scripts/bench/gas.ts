import { type ContractTransactionReceipt, type ContractTransactionResponse, ZeroHash } from "ethers";

import { encodeIntentPayload } from "../../src/chain/intent-payload.js";
import { hashIntent, intentDomain, type TransferIntent } from "../../src/chain/intents.js";
import { signStatement } from "../../src/chain/statement.js";
import { deployTestLedger, type TestLedger } from "../../test/support/ledger.js";
import type { Row } from "./table.js";

type Signer = TestLedger["firms"][number];

/** Figures of other systems, measured once with the same compiler settings, for the reader's orientation. */
const ELSEWHERE = {
  transfer: "NetEmissionsTokenNetwork 51,844; Toucan 68,378; T-REX 122,433–242,897",
  retirement: "Toucan 500,192",
  issuance: "Toucan 581,154; NetEmissions 447,207",
};

async function gasOf(sent: Promise<ContractTransactionResponse>): Promise<number> {
  const receipt = (await (await sent).wait()) as ContractTransactionReceipt;
  return Number(receipt.gasUsed);
}

/** A retirement with about 200 bytes of text, on behalf of an organisation. */
function retirementOrder(batchId: bigint, tonnes: number) {
  return {
    batchId,
    tonnes,
    blocks: [],
    beneficiary: "Công ty Cổ phần Cao su Đà Nẵng",
    beneficiaryId: "0400101531",
    beneficiaryCommitment: ZeroHash,
    purpose: 0,
    reason: "Voluntary compensation of the emissions of 2025",
    details: "Scope 1 and scope 2 emissions of the plant at Lien Chieu, verified inventory of the year 2025",
    consumptionCountry: "0x564e",
    consumptionPeriodStart: 20_089,
    consumptionPeriodEnd: 20_453,
  };
}

/** OpenZeppelin alone: the least that a transfer of a multi token costs. */
async function plainTransfer(ledger: TestLedger): Promise<number> {
  const [from, to] = ledger.firms as [Signer, Signer];
  const token = (await ledger.ethers.deployContract("PlainToken", [])).connect(from) as unknown as {
    mint(to: string, id: number, amount: number): Promise<ContractTransactionResponse>;
    safeTransferFrom(...args: unknown[]): Promise<ContractTransactionResponse>;
  };
  await token.mint(from.address, 1, 1_000);
  await token.mint(to.address, 1, 1);
  return gasOf(token.safeTransferFrom(from.address, to.address, 1, 10, "0x"));
}

interface TransferGas {
  adjacent: number;
  newBlock: number;
  overflow: number;
}

/** Ours, to an existing holder: the block merges; it needs a place of its own; that place is in a fresh storage slot. */
async function directTransfers(ledger: TestLedger): Promise<TransferGas> {
  const [a, b, c] = ledger.firms as [Signer, Signer, Signer];
  const batchId = await ledger.issueBatch({ recipient: a.address, tonnes: 100_000 });
  const { units } = ledger;
  const send = (from: typeof a, to: typeof a, tonnes: number) =>
    gasOf(units.connect(from).transfer(from.address, to.address, batchId, tonnes, []));
  await send(a, b, 10);
  const adjacent = await send(a, b, 10);
  await send(a, c, 10);
  const newBlock = await send(a, b, 10);
  await send(a, c, 10);
  const overflow = await send(a, b, 10);
  return { adjacent, newBlock, overflow };
}

interface RelayedGas {
  freshNonces: number;
  usedNonces: number;
}

/**
 * Per intent, in one transaction of 50: fifty firms, each to a holder of its own, as in the direct case. Nonces share a storage slot by
 * the 256; the first that an account takes of a slot costs more than the next.
 */
async function relayedTransfers(ledger: TestLedger): Promise<RelayedGas> {
  const { intents, parts, ethers } = ledger;
  const domain = intentDomain(ledger.chainId, ledger.addresses.Intents);
  const wallets = Array.from({ length: 100 }, () => ethers.Wallet.createRandom());
  for (const wallet of wallets) await ledger.admit(null, wallet.address);
  const [treasury] = ledger.firms as [Signer];
  const batchId = await ledger.issueBatch({ recipient: treasury.address, tonnes: 1_000_000 });
  for (const wallet of wallets)
    await ledger.units.connect(treasury).transfer(treasury.address, wallet.address, batchId, 1_000, []);
  const deadline = BigInt((await ledger.now()) + 86_400);
  const senders = wallets.slice(0, 50).map((wallet, index) => ({
    wallet,
    to: wallets[50 + index]?.address ?? "",
    firstNonce: BigInt(ethers.hexlify(ethers.randomBytes(31))) << 8n,
  }));

  const relay = async (step: bigint): Promise<number> => {
    const items = senders.map(({ wallet, to, firstNonce }) => {
      const intent: TransferIntent = {
        account: wallet.address,
        to,
        batchId,
        tonnes: 7n,
        blocks: [],
        nonce: firstNonce + step,
        deadline,
      };
      const signature = wallet.signingKey.sign(hashIntent("transfer", intent, domain)).serialized;
      return { kind: 0, payload: encodeIntentPayload("transfer", intent), signature };
    });
    const gas = await gasOf(intents.connect(parts.operator).executeBatch(items, 500_000));
    return Math.round(gas / senders.length);
  };

  return { freshNonces: await relay(0n), usedNonces: await relay(1n) };
}

async function retirement(ledger: TestLedger): Promise<number> {
  const [a] = ledger.firms as [Signer];
  const batchId = await ledger.issueBatch({ recipient: a.address, tonnes: 10_000 });
  const { retirements } = ledger;
  await gasOf(retirements.connect(a).retire(a.address, retirementOrder(batchId, 10)));
  return gasOf(retirements.connect(a).retire(a.address, retirementOrder(batchId, 10)));
}

/** All three transactions: the signed statement recorded and verified, the proposal, the approval. */
async function issuance(ledger: TestLedger, bufferBasisPoints: number): Promise<number> {
  const [a] = ledger.firms as [Signer];
  const { registry, parts } = ledger;
  const project = `GAS-${bufferBasisPoints}`;
  await ledger.registerProject(project, await ledger.participants.participantOf(a.address), bufferBasisPoints);
  const statement = ledger.statementOf(project);
  const signature = await signStatement(parts.verifier, statement, ledger.domain);
  const recorded = await gasOf(registry.recordStatement(statement, signature, ZeroHash));
  const wanted = ledger.issuanceOf(await registry.hashStatement(statement), { recipient: a.address, tonnes: 5_000 });
  const proposed = await gasOf(registry.proposeIssuance(wanted));
  const approved = await gasOf(registry.connect(parts.registrar2).approveIssuance(wanted, 0));
  return recorded + proposed + approved;
}

/** Gas of each act of the ledger beside OpenZeppelin's plain transfer, on one chain, compiled with the same settings. */
export async function gasRows(): Promise<Row[]> {
  const ledger = await deployTestLedger();
  for (const firm of ledger.firms.slice(0, 4)) await ledger.admit(null, firm.address);
  const [, , , buffer] = ledger.firms as [Signer, Signer, Signer, Signer];
  await ledger.registry.connect(ledger.parts.admin).setBufferAccount(buffer.address);
  const plain = await plainTransfer(ledger);
  const direct = await directTransfers(ledger);
  const relayed = await relayedTransfers(ledger);
  const baseline = `OpenZeppelin ERC1155 ${plain.toLocaleString("en")}`;
  const gasRow = (measure: string, ours: number, ceiling: number | null, other: string): Row => ({
    measure,
    ours: ours.toLocaleString("en"),
    limit: ceiling === null ? "–" : `≤ ${ceiling.toLocaleString("en")}`,
    holds: ceiling === null || ours <= ceiling,
    ratio: `${(ours / plain).toFixed(2)} × plain transfer`,
    other,
  });
  return [
    gasRow("direct transfer, block merges", direct.adjacent, 75_000, `${baseline}; ${ELSEWHERE.transfer}`),
    gasRow("direct transfer, block of its own", direct.newBlock, 75_000, baseline),
    gasRow("direct transfer, third block of the receiver: a fresh slot", direct.overflow, null, baseline),
    gasRow("relayed intent in a batch of 50", relayed.usedNonces, 75_000, baseline),
    gasRow("relayed intent in a batch of 50, first nonces", relayed.freshNonces, 75_000, baseline),
    gasRow("retirement, record hash and certificate", await retirement(ledger), 150_000, ELSEWHERE.retirement),
    gasRow("issuance: statement, propose, approve", await issuance(ledger, 0), 330_000, ELSEWHERE.issuance),
    gasRow("the same with a buffer share, a second holder", await issuance(ledger, 1_000), null, ELSEWHERE.issuance),
  ];
}
