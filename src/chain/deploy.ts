import type { ContractTransaction, Interface, Provider, Signer } from "ethers";
import { getAddress, getCreateAddress, keccak256 } from "ethers";

import { Exchange__factory } from "../../types/ethers-contracts/factories/Exchange__factory.js";
import { Intents__factory } from "../../types/ethers-contracts/factories/Intents__factory.js";
import { LedgerAccess__factory } from "../../types/ethers-contracts/factories/LedgerAccess__factory.js";
import { Participants__factory } from "../../types/ethers-contracts/factories/Participants__factory.js";
import { Registry__factory } from "../../types/ethers-contracts/factories/Registry__factory.js";
import { Retirements__factory } from "../../types/ethers-contracts/factories/Retirements__factory.js";
import { SettlementCash__factory } from "../../types/ethers-contracts/factories/SettlementCash__factory.js";
import { Units__factory } from "../../types/ethers-contracts/factories/Units__factory.js";
import {
  checkChain,
  CONTRACT_NAMES,
  type ContractName,
  type DeploymentManifest,
  type DeploymentSettings,
  MANIFEST_FORMAT,
  type ManifestStore,
  type RoleGrant,
} from "./manifest.js";
import { FUNCTION_ROLES, ROLE_GUARDIANS, ROLE_NAMES, type RoleName, ROLES } from "./roles.js";

/** A deployment that cannot go on. What was done so far is in the manifest. */
export class DeploymentError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DeploymentError";
  }
}

/** One thing that a deployment did: `signed` and not yet sent, `done`, or found `present` from an earlier run. */
export interface DeploymentProgress {
  readonly step: StepName;
  readonly phase: "signed" | "done" | "present";
  /** Counted from 1. */
  readonly position: number;
  readonly steps: number;
  readonly txHash: string;
}

export interface DeploymentOptions {
  /** Pays for and signs everything, and must be able to sign without sending (a wallet, not a node's account). */
  readonly deployer: Signer;
  readonly provider: Provider;
  readonly store: ManifestStore;
  readonly settings: DeploymentSettings;
  readonly progress?: (progress: DeploymentProgress) => void | Promise<void>;
  /** How long to wait, in milliseconds, for one transaction to be in a block. */
  readonly timeoutMs?: number;
}

type StepName = ContractName | "configuration";
type Draft = Pick<ContractTransaction, "data"> & { to?: string };

const STEPS: readonly StepName[] = [...CONTRACT_NAMES, "configuration"];
const DEFAULT_TIMEOUT_MS = 120_000;
const POLL_MS = { first: 20, longest: 500 };

const INTERFACES = {
  Participants: Participants__factory.createInterface(),
  Registry: Registry__factory.createInterface(),
  Units: Units__factory.createInterface(),
  Retirements: Retirements__factory.createInterface(),
  SettlementCash: SettlementCash__factory.createInterface(),
  Exchange: Exchange__factory.createInterface(),
};

/**
 * Deploys the ledger, or finishes a deployment that was interrupted, or finds that there is nothing to do.
 *
 * Each transaction is signed and recorded in the manifest before it is sent, so that a resumed run sends the same one again and never
 * a second. All settings (roles, delays, the hand-over of ADMIN) are one transaction: there is no moment at which the ledger is half
 * configured. Throws `ManifestError` for a manifest of another chain, `DeploymentError` when it cannot go on.
 */
export async function deployLedger(options: DeploymentOptions): Promise<DeploymentManifest> {
  const { deployer, provider, store, settings, progress = () => undefined } = options;
  const chain = await chainIdentity(provider);
  const manifest = (await store.read()) ?? (await newManifest(deployer, provider, chain, settings));
  checkChain(manifest, chain);
  await store.write(manifest);

  for (const [index, step] of STEPS.entries()) {
    const report = (phase: DeploymentProgress["phase"], txHash: string) =>
      progress({ step, phase, position: index + 1, steps: STEPS.length, txHash });

    const earlier = placeOf(manifest, step);
    if (earlier !== undefined) {
      await checkPresent(provider, manifest, step);
      await report("present", earlier.txHash);
      continue;
    }
    const pending = manifest.pending ?? (await sign(deployer, provider, manifest, index));
    manifest.pending = pending;
    await store.write(manifest);
    await report("signed", pending.txHash);

    const place = await send(provider, pending, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    recordStep(manifest, step, place);
    await checkPresent(provider, manifest, step);
    await store.write(manifest);
    await report("done", pending.txHash);
  }
  return manifest;
}

/** What makes a chain this chain and no other: its id and the hash of its first block. */
export async function chainIdentity(provider: Provider): Promise<{ chainId: string; genesisHash: string }> {
  const [network, genesis] = await Promise.all([provider.getNetwork(), provider.getBlock(0)]);
  if (typeof genesis?.hash !== "string") throw new DeploymentError("The node does not know its first block.");
  return { chainId: network.chainId.toString(), genesisHash: genesis.hash };
}

async function newManifest(
  deployer: Signer,
  provider: Provider,
  chain: { chainId: string; genesisHash: string },
  settings: DeploymentSettings,
): Promise<DeploymentManifest> {
  const account = await deployer.getAddress();
  return {
    formatVersion: MANIFEST_FORMAT,
    ...chain,
    deployer: account,
    startNonce: await provider.getTransactionCount(account),
    settings,
    contracts: {},
    roles: [],
    complete: false,
  };
}

function placeOf(manifest: DeploymentManifest, step: StepName) {
  return step === "configuration" ? manifest.configuration : manifest.contracts[step];
}

/** Where a contract is, or will be: a matter of the deployer and its nonce alone, so contracts can know of later ones. */
function addressOf(manifest: DeploymentManifest, name: ContractName): string {
  return getCreateAddress({ from: manifest.deployer, nonce: manifest.startNonce + CONTRACT_NAMES.indexOf(name) });
}

async function checkPresent(provider: Provider, manifest: DeploymentManifest, step: StepName): Promise<void> {
  if (step === "configuration") return;
  const address = addressOf(manifest, step);
  if (getAddress(manifest.contracts[step]?.address ?? address) !== address) {
    throw new DeploymentError(`The manifest has ${step} at an address that its deployer and nonce do not give.`);
  }
  if ((await provider.getCode(address)) === "0x") {
    throw new DeploymentError(`The manifest has ${step} at ${address}, but the chain has no contract there.`);
  }
}

async function sign(deployer: Signer, provider: Provider, manifest: DeploymentManifest, index: number) {
  const step = STEPS[index] ?? "configuration";
  const nonce = manifest.startNonce + index;
  const signer = await deployer.getAddress();
  if (signer !== manifest.deployer) {
    throw new DeploymentError(`The deployment was begun by ${manifest.deployer}; ${signer} cannot finish it.`);
  }
  const used = await provider.getTransactionCount(signer);
  if (used !== nonce) {
    throw new DeploymentError(
      `${step} must be sent with nonce ${nonce}, but ${signer} is at nonce ${used}: the account was used for something else. ` +
        "Begin again with a new manifest.",
    );
  }

  const draft = await draftOf(manifest, step);
  const gas = await provider.estimateGas({ ...draft, from: signer });
  const raw = await deployer.signTransaction({
    ...draft,
    ...(await fees(provider)),
    type: 2,
    nonce,
    chainId: BigInt(manifest.chainId),
    gasLimit: gas + gas / 10n,
  });
  return { step, txHash: keccak256(raw), raw };
}

/** On a network without gas price the deployer need not own anything. */
async function fees(provider: Provider) {
  const baseFee = (await provider.getBlock("latest"))?.baseFeePerGas ?? 0n;
  if (baseFee === 0n) return { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
  const { maxPriorityFeePerGas } = await provider.getFeeData();
  const tip = maxPriorityFeePerGas ?? 0n;
  return { maxFeePerGas: baseFee * 2n + tip, maxPriorityFeePerGas: tip };
}

async function draftOf(manifest: DeploymentManifest, step: StepName): Promise<Draft> {
  const at = (name: ContractName) => addressOf(manifest, name);
  const { batchBaseUri, certificateBaseUri, currency, singleApprovalLimit, withdrawalDelaySeconds } = manifest.settings;
  switch (step) {
    case "LedgerAccess":
      return new LedgerAccess__factory().getDeployTransaction(manifest.deployer);
    case "Participants":
      return new Participants__factory().getDeployTransaction(at("LedgerAccess"));
    case "Registry":
      return new Registry__factory().getDeployTransaction(at("LedgerAccess"), at("Participants"), at("Units"));
    case "Units":
      return new Units__factory().getDeployTransaction(
        at("LedgerAccess"),
        at("Participants"),
        at("Registry"),
        at("Retirements"),
        at("Intents"),
        at("Exchange"),
        batchBaseUri,
      );
    case "Retirements":
      return new Retirements__factory().getDeployTransaction(
        at("LedgerAccess"),
        at("Participants"),
        at("Registry"),
        at("Units"),
        at("Intents"),
        certificateBaseUri,
      );
    case "Intents":
      return new Intents__factory().getDeployTransaction(
        at("Units"),
        at("Retirements"),
        at("SettlementCash"),
        at("Exchange"),
      );
    case "SettlementCash":
      return new SettlementCash__factory().getDeployTransaction(
        at("LedgerAccess"),
        at("Participants"),
        at("Exchange"),
        at("Intents"),
        currency.name,
        currency.symbol,
        currency.decimals,
        singleApprovalLimit,
      );
    case "Exchange":
      return new Exchange__factory().getDeployTransaction(
        at("LedgerAccess"),
        at("Participants"),
        at("Units"),
        at("SettlementCash"),
        at("Intents"),
        withdrawalDelaySeconds,
      );
    case "configuration":
      return { to: at("LedgerAccess"), data: configurationCall(manifest) };
  }
}

/** Everything that the access manager must know, as one call; the deployer gives its own rights away last. */
function configurationCall(manifest: DeploymentManifest): string {
  const access = LedgerAccess__factory.createInterface();
  const { admin } = manifest.settings;
  const calls = [
    ...ROLE_NAMES.filter((role) => role !== "ADMIN").map((role) =>
      access.encodeFunctionData("labelRole", [ROLES[role], role]),
    ),
    ...functionRoles().map(({ contract, role, selectors }) =>
      access.encodeFunctionData("setTargetFunctionRole", [addressOf(manifest, contract), selectors, ROLES[role]]),
    ),
    ...Object.entries(ROLE_GUARDIANS).map(([role, guardian]) =>
      access.encodeFunctionData("setRoleGuardian", [ROLES[role as keyof typeof ROLE_GUARDIANS], ROLES[guardian]]),
    ),
    ...grantsOf(manifest.settings).map(({ role, account, delaySeconds }) =>
      access.encodeFunctionData("grantRole", [ROLES[role], account, delaySeconds]),
    ),
  ];
  if (getAddress(admin.account) !== manifest.deployer) {
    calls.push(access.encodeFunctionData("renounceRole", [ROLES.ADMIN, manifest.deployer]));
  }
  return access.encodeFunctionData("multicall", [calls]);
}

/** `FUNCTION_ROLES` as rows, with the functions' selectors. */
export function functionRoles(): { contract: keyof typeof INTERFACES; role: RoleName; selectors: string[] }[] {
  return Object.entries(FUNCTION_ROLES).flatMap(([name, byRole]) => {
    const contract = name as keyof typeof INTERFACES;
    return Object.entries(byRole).map(([role, functions]: [string, readonly string[]]) => ({
      contract,
      role: role as RoleName,
      selectors: functions.map((name) => selectorOf(contract, name)),
    }));
  });
}

function selectorOf(contract: keyof typeof INTERFACES, name: string): string {
  const fragment = (INTERFACES[contract] as Interface).getFunction(name);
  if (fragment === null) throw new DeploymentError(`${contract} has no function ${name}.`);
  return fragment.selector;
}

/** The admin's grant comes last: from then on the deployer may be bound by a delay. */
function grantsOf(settings: DeploymentSettings): RoleGrant[] {
  return [...settings.holders, { role: "ADMIN" as const, ...settings.admin }].map((grant) => ({
    ...grant,
    account: getAddress(grant.account),
  }));
}

async function send(provider: Provider, pending: { step: string; txHash: string; raw: string }, timeoutMs: number) {
  const deadline = Date.now() + timeoutMs;
  if ((await provider.getTransactionReceipt(pending.txHash)) === null) await broadcast(provider, pending);

  for (let pause = POLL_MS.first; ; pause = Math.min(pause * 2, POLL_MS.longest)) {
    const receipt = await provider.getTransactionReceipt(pending.txHash);
    if (receipt?.status === 0) throw new DeploymentError(`${pending.step} failed in transaction ${pending.txHash}.`);
    if (receipt !== null) return { txHash: pending.txHash, blockNumber: receipt.blockNumber };
    if (Date.now() > deadline) {
      throw new DeploymentError(
        `${pending.step} is not in a block yet (${pending.txHash}). Run again to go on waiting.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function broadcast(provider: Provider, pending: { step: string; txHash: string; raw: string }): Promise<void> {
  try {
    await provider.broadcastTransaction(pending.raw);
  } catch (cause) {
    // A transaction that an earlier run sent is refused as already known; any other refusal leaves it unknown.
    if ((await provider.getTransaction(pending.txHash)) !== null) return;
    throw new DeploymentError(`${pending.step} was refused by the node.`, { cause });
  }
}

function recordStep(
  manifest: DeploymentManifest,
  step: StepName,
  place: { txHash: string; blockNumber: number },
): void {
  delete manifest.pending;
  if (step !== "configuration") {
    manifest.contracts[step] = { address: addressOf(manifest, step), ...place };
    return;
  }
  manifest.configuration = place;
  manifest.roles = grantsOf(manifest.settings);
  manifest.complete = true;
}
