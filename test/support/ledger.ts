import { type AddressLike, id, ZeroHash } from "ethers";
import hre from "hardhat";
import type { HardhatEthers, HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { dayNumber, encodeCode } from "../../src/chain/codes.js";
import { deployLedger } from "../../src/chain/deploy.js";
import { type DevelopmentPart, developmentSettings, developmentWallets } from "../../src/chain/development.js";
import { addressesOf, type DeploymentSettings, memoryManifestStore } from "../../src/chain/manifest.js";
import type { SerialBlock } from "../../src/chain/intents.js";
import { signStatement, statementDomain, type VerificationStatement } from "../../src/chain/statement.js";
import { factories } from "../../types/ethers-contracts/index.js";
import type { IRegistry } from "../../types/ethers-contracts/Registry.js";

/** `Capabilities.sol`. */
export const CAPABILITIES = { TRADE_ALLOWANCES: 1, TRADE_CREDITS: 2, DEVELOP_PROJECTS: 4, HOLD_BUFFER: 8, ALL: 15 };
/** `IRegistry.ProjectStatus`. */
export const PROJECT_STATUS = {
  None: 0,
  Listed: 1,
  Validated: 2,
  Registered: 3,
  Completed: 4,
  Inactive: 5,
  Rejected: 6,
  Withdrawn: 7,
};
/** Late enough for every test. */
export const KYC_EXPIRES_AT = 4_102_444_800;

/** `IExchange.InstrumentKind`. */
export const INSTRUMENT_KIND = { None: 0, Credit: 1, Allowance: 2 };

const FIRST_FIRM = 12;
const NO_FOREIGN_BLOCK = { programme: ZeroHash, series: ZeroHash, start: 0, end: 0 };

export type TestLedger = Awaited<ReturnType<typeof deployTestLedger>>;

/** What differs from a domestic batch of 1,000 t of vintage 2024, of which all is for `recipient`. */
export interface TestIssuance {
  readonly project?: string;
  readonly code?: string;
  readonly tonnes?: number | bigint;
  readonly vintage?: number;
  readonly recipient: AddressLike;
  readonly foreignBlock?: { programme: string; series: string; start: bigint; end: bigint };
}

/**
 * A ledger of its own on an in-process chain, all contracts typed, with every role's holder. Nothing waits: no role has a delay,
 * unless `settings` says so. `reset` goes back to how it was after the deployment, or after the last `checkpoint`.
 */
export async function deployTestLedger(settings: Partial<DeploymentSettings> = {}) {
  const { ethers, provider } = await hre.network.create();
  const defaults = developmentSettings();
  const manifest = await deployLedger({
    deployer: developmentWallets(ethers.provider).deployer,
    provider: ethers.provider,
    store: memoryManifestStore(),
    settings: { ...defaults, holders: defaults.holders.map((grant) => ({ ...grant, delaySeconds: 0 })), ...settings },
  });
  const signers = await ethers.getSigners();
  const parts = partsOf(signers, ethers);
  const addresses = addressesOf(manifest);
  const contracts = {
    access: factories.LedgerAccess__factory.connect(addresses.LedgerAccess, parts.admin),
    participants: factories.Participants__factory.connect(addresses.Participants, parts.registrar1),
    registry: factories.Registry__factory.connect(addresses.Registry, parts.registrar1),
    units: factories.Units__factory.connect(addresses.Units, parts.compliance1),
    retirements: factories.Retirements__factory.connect(addresses.Retirements, parts.admin),
    intents: factories.Intents__factory.connect(addresses.Intents, parts.operator),
    cash: factories.SettlementCash__factory.connect(addresses.SettlementCash, parts.bank1),
    exchange: factories.Exchange__factory.connect(addresses.Exchange, parts.operator),
  };
  const { chainId } = await ethers.provider.getNetwork();
  const send = (method: string, ...params: unknown[]) => provider.request({ method, params });

  let snapshot = await send("evm_snapshot");
  let firms = 0;
  let issued = 0;
  let deposits = 0;
  const kept = { firms, issued, deposits };

  async function checkpoint(): Promise<void> {
    snapshot = await send("evm_snapshot");
    Object.assign(kept, { firms, issued, deposits });
  }

  /** The snapshot is used up by going back to it, so another is taken at once. */
  async function reset(): Promise<void> {
    await send("evm_revert", snapshot);
    snapshot = await send("evm_snapshot");
    ({ firms, issued, deposits } = kept);
  }

  /** A participant with one account. Without a tax code it gets one of its own. @returns its number */
  async function admit(taxCode: string | null, account: AddressLike, capabilities = CAPABILITIES.ALL): Promise<number> {
    firms += 1;
    const code = taxCode ?? (9_000_000_000 + firms).toString();
    const sent = await contracts.participants.admit(code, capabilities, KYC_EXPIRES_AT, id(code), account);
    await sent.wait();
    return Number(await contracts.participants.participantOf(account));
  }

  /** A project in the status `Registered`. */
  async function registerProject(code: string, ownerId: number | bigint, bufferBasisPoints = 0): Promise<void> {
    const word = encodeCode(code);
    await contracts.registry.listProject(word, ownerId, bufferBasisPoints, id(code));
    await contracts.registry.setProjectStatus(word, PROJECT_STATUS.Validated);
    await contracts.registry.setProjectStatus(word, PROJECT_STATUS.Registered);
  }

  const domain = statementDomain(chainId, addresses.Registry);

  /** A statement of the verifier about the year 2024 and a million tonnes, unless told otherwise. */
  function statementOf(project: string, differences: Partial<VerificationStatement> = {}): VerificationStatement {
    return {
      projectCode: encodeCode(project),
      periodStart: dayNumber("2024-01-01"),
      periodEnd: dayNumber("2024-12-31"),
      verifiedTonnes: 1_000_000n,
      reportHash: id("report"),
      verifier: parts.verifier.address,
      ...differences,
    };
  }

  /** Records a statement with the verifier's signature. @returns its id */
  async function recordStatement(statement: VerificationStatement, previousStatementId = ZeroHash): Promise<string> {
    const signature = await signStatement(parts.verifier, statement, domain);
    await contracts.registry.recordStatement(statement, signature, previousStatementId);
    return contracts.registry.hashStatement(statement);
  }

  /** An issuance against a recorded statement, to be proposed. */
  function issuanceOf(statementId: string, given: TestIssuance): IRegistry.IssuanceStruct {
    issued += 1;
    return {
      statementId,
      batchCode: encodeCode(given.code ?? `BATCH-${issued}`),
      vintage: given.vintage ?? 2024,
      tonnes: given.tonnes ?? 1_000,
      recipient: given.recipient,
      foreignBlock: given.foreignBlock ?? NO_FOREIGN_BLOCK,
      documentHash: id("issuance"),
    };
  }

  /**
   * A batch with all that it needs: statement, proposal, approval. A project that is not known is registered, for the participant of
   * the recipient; a project's statement covers exactly one year, so that each vintage of a project is recorded once.
   * @returns the batch's id
   */
  async function issueBatch(given: TestIssuance): Promise<bigint> {
    const project = given.project ?? `PROJECT-${issued + 1}`;
    const vintage = given.vintage ?? 2024;
    await contracts.registry.project(encodeCode(project)).catch(async () => {
      await registerProject(project, await contracts.participants.participantOf(given.recipient));
    });
    const statement = statementOf(project, {
      periodStart: dayNumber(`${vintage}-01-01`),
      periodEnd: dayNumber(`${vintage}-12-31`),
      verifiedTonnes: 1n << 40n,
    });
    const statementId = await contracts.registry.hashStatement(statement);
    await contracts.registry.statement(statementId).catch(() => recordStatement(statement));

    const issuance = issuanceOf(statementId, given);
    await contracts.registry.proposeIssuance(issuance);
    await contracts.registry.connect(parts.registrar2).approveIssuance(issuance, 0);
    return BigInt(issuance.batchCode.toString());
  }

  /** Money from the settlement bank, with a reference of its own; above the limit two of the bank agree. @returns the reference */
  async function fundCash(account: AddressLike, amount: bigint): Promise<string> {
    deposits += 1;
    const reference = id(`deposit ${deposits}`);
    if (amount <= (await contracts.cash.singleApprovalLimit())) {
      await contracts.cash.mint(account, amount, reference);
      return reference;
    }
    await contracts.cash.proposeMint(account, amount, reference);
    await contracts.cash.connect(parts.bank2).approveMint(account, amount, reference);
    return reference;
  }

  /** Brings cash that the account has into trading. */
  async function depositCash(account: HardhatEthersSigner, amount: bigint): Promise<void> {
    await contracts.cash.connect(account).transfer(contracts.exchange, amount);
  }

  /** Brings units that the account has into trading: any, or exactly these blocks. */
  async function depositUnits(
    account: HardhatEthersSigner,
    batchId: bigint,
    tonnes: number | bigint,
    blocks: readonly SerialBlock[] = [],
  ): Promise<void> {
    await contracts.units.connect(account).transfer(account, contracts.exchange, batchId, tonnes, [...blocks]);
  }

  /** Makes a batch tradable. */
  async function listInstrument(batchId: bigint, kind = INSTRUMENT_KIND.Credit): Promise<void> {
    await contracts.exchange.connect(parts.registrar1).listInstrument(batchId, kind);
  }

  return {
    ...contracts,
    ethers,
    chainId,
    manifest,
    addresses,
    parts,
    /** Funded accounts with no part yet, to act for participants. At most eight. */
    firms: signers.slice(FIRST_FIRM),
    /** The domain of verification statements. */
    domain,
    checkpoint,
    reset,
    admit,
    registerProject,
    statementOf,
    recordStatement,
    issuanceOf,
    issueBatch,
    fundCash,
    depositCash,
    depositUnits,
    listInstrument,
    /** Moves the clock; the next block has the new time. */
    async increaseTime(seconds: number): Promise<void> {
      await send("evm_increaseTime", seconds);
      await send("evm_mine");
    },
    /** Unix time, in seconds, of the latest block. */
    async now(): Promise<number> {
      return (await ethers.provider.getBlock("latest"))!.timestamp;
    },
  };
}

function partsOf(signers: HardhatEthersSigner[], ethers: HardhatEthers): Record<DevelopmentPart, HardhatEthersSigner> {
  const wallets = Object.entries(developmentWallets(ethers.provider));
  const entries = wallets.map(([part, wallet]) => [part, signers.find(({ address }) => address === wallet.address)!]);
  return Object.fromEntries(entries);
}
