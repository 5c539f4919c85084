import type { ContractTransactionReceipt } from "ethers";
import hre from "hardhat";

import { eventsOf as eventsOfReceipt, expectRevert } from "./revert.js";
import type { LedgerAccess, Participants, Units } from "../../types/ethers-contracts/index.js";

const { ethers } = await hre.network.create();

type Signer = Awaited<ReturnType<typeof ethers.getSigners>>[number];
export type Block = { start: bigint; end: bigint };
/** `[start, end]`, both ends inclusive. */
export type Range = readonly [start: number, end: number];

export const BATCH = batchId("VN-1-2024");
export const OTHER_BATCH = batchId("VN-2-2024");
export const ANY: Block[] = [];
export const BASE_URI = "https://ledger.example/batches/";
const FOREVER = 2n ** 48n - 1n;
const ROLES = { registrar: 1, officer: 3, guardian: 4, enforcement: 7 };

/** The Units contract with the real Participants, and plain accounts in the place of its other neighbours. */
export type UnitsLedger = {
  units: Units;
  participants: Participants;
  access: LedgerAccess;
  /** Active accounts of three participants. */
  alice: Signer;
  bob: Signer;
  carol: Signer;
  /** An account of no participant. */
  stranger: Signer;
  officer: Signer;
  secondOfficer: Signer;
  guardian: Signer;
  enforcer: Signer;
  registrar: Signer;
  registry: Signer;
  retirements: Signer;
  intents: Signer;
  exchange: Signer;
};

export { ethers };

export function batchId(code: string): bigint {
  return BigInt(ethers.encodeBytes32String(code));
}

export function blocks(...ranges: readonly Range[]): Block[] {
  return ranges.map(([start, end]) => ({ start: BigInt(start), end: BigInt(end) }));
}

/** Deploys the contracts, gives out the roles without delay, and admits Alice, Bob and Carol. */
export async function deployUnits(): Promise<UnitsLedger> {
  const signers = await ethers.getSigners();
  const take = (): Signer => signers.shift()!;
  const deployer = take();
  const [alice, bob, carol, stranger] = [take(), take(), take(), take()];
  const [officer, secondOfficer, guardian, enforcer, registrar] = [take(), take(), take(), take(), take()];
  const [registry, retirements, intents, exchange] = [take(), take(), take(), take()];

  const access = await ethers.deployContract("LedgerAccess", [deployer]);
  const participants = await ethers.deployContract("Participants", [access]);
  const neighbours = [registry, retirements, intents, exchange];
  const units = await ethers.deployContract("Units", [access, participants, ...neighbours, BASE_URI]);
  const ledger = {
    units,
    participants,
    access,
    alice,
    bob,
    carol,
    stranger,
    officer,
    secondOfficer,
    guardian,
    enforcer,
  };
  await grantRoles({ ...ledger, registrar });
  for (const [i, account] of [alice, bob, carol].entries()) {
    await participants.connect(registrar).admit(`010000000${i}`, 0, FOREVER, ethers.ZeroHash, account);
  }
  return { ...ledger, registrar, registry, retirements, intents, exchange };
}

type RoleHolders = Pick<
  UnitsLedger,
  "access" | "units" | "participants" | "officer" | "secondOfficer" | "guardian" | "enforcer" | "registrar"
>;

async function grantRoles(ledger: RoleHolders): Promise<void> {
  const { access, units, participants, officer, secondOfficer, guardian, enforcer, registrar } = ledger;
  const of = (name: string): string => units.interface.getFunction(name as "pause").selector;
  const ofParticipants = (name: string): string => participants.interface.getFunction(name as "admit").selector;
  await access.setTargetFunctionRole(units, ["pause", "pauseBatch"].map(of), ROLES.guardian);
  await access.setTargetFunctionRole(units, ["forcedTransfer"].map(of), ROLES.enforcement);
  const officerActs = ["unpause", "unpauseBatch", "setFrozenTokens", "recover"].map(of);
  await access.setTargetFunctionRole(units, officerActs, ROLES.officer);
  const officerDecisions = ["suspend", "reinstate", "proposeReplacement", "approveReplacement"].map(ofParticipants);
  await access.setTargetFunctionRole(participants, officerDecisions, ROLES.officer);
  await access.setTargetFunctionRole(participants, ["admit", "addAccount"].map(ofParticipants), ROLES.registrar);

  await access.grantRole(ROLES.guardian, guardian, 0);
  await access.grantRole(ROLES.enforcement, enforcer, 0);
  await access.grantRole(ROLES.officer, officer, 0);
  await access.grantRole(ROLES.officer, secondOfficer, 0);
  await access.grantRole(ROLES.registrar, registrar, 0);
}

/** Deploys, and issues a batch of so many tonnes to Alice. */
export async function deployWithBatch(tonnes = 1000): Promise<UnitsLedger> {
  const ledger = await deployUnits();
  await issueTo(ledger, ledger.alice, tonnes);
  return ledger;
}

export async function issueTo(ledger: UnitsLedger, to: Signer, tonnes: number, batch = BATCH): Promise<void> {
  await ledger.units.connect(ledger.registry).issue(batch, to, tonnes, ethers.ZeroAddress, 0);
}

export async function suspend(ledger: UnitsLedger, account: Signer): Promise<void> {
  const participantId = await ledger.participants.participantOf(account);
  await ledger.participants.connect(ledger.officer).suspend(participantId, ethers.ZeroHash);
}

/** Replaces the key of an account, as two officers do it, by an account not yet known. */
export async function replaceAccount(ledger: UnitsLedger, lost: Signer, successor: Signer): Promise<void> {
  await ledger.participants.connect(ledger.officer).proposeReplacement(lost, successor);
  await ledger.participants.connect(ledger.secondOfficer).approveReplacement(lost, successor);
}

/** Moves named blocks from Alice to Bob one by one, the odd serials first: Alice and Bob end with lists of single tonnes. */
export async function scatter(ledger: UnitsLedger, count: number): Promise<void> {
  for (let i = 0; i < count; i += 50) {
    const odd = Array.from({ length: Math.min(50, count - i) }, (_, j) => 2 * (i + j) + 1);
    const named = blocks(...odd.map((serial): Range => [serial, serial]));
    await ledger.units.connect(ledger.alice).transfer(ledger.alice, ledger.bob, BATCH, odd.length, named);
  }
}

/** The whole block list, in list order. */
export async function listOf(ledger: UnitsLedger, account: Signer | string, batch = BATCH): Promise<Block[]> {
  const found = await ledger.units.blocksOf(account, batch, 0, 1000);
  return found.map(({ start, end }) => ({ start, end }));
}

type Sent = { wait(): Promise<ContractTransactionReceipt | null> };

/** The events that Units emitted in a transaction, in order. */
export async function eventsOf(ledger: UnitsLedger, sent: Promise<Sent>): Promise<{ name: string; args: unknown[] }[]> {
  const receipt = await (await sent).wait();
  return eventsOfReceipt(receipt, ledger.units).map(({ name, args }) => ({ name, args }));
}

/** Expects the call to be refused with this error of Units, and with this evidence (accounts, bigints). */
export async function expectRefusal(
  ledger: UnitsLedger,
  call: Promise<unknown>,
  name: string,
  evidence: readonly (Signer | string | bigint)[],
): Promise<void> {
  const expected = evidence.map((each) => (typeof each === "object" ? each.address : each));
  await expectRevert(call, ledger.units, name, expected);
}
