import { ZeroHash } from "ethers";

import { developmentWallets } from "../../src/chain/development.js";
import { RpcError } from "../../src/chain/rpc-errors.js";
import type { RetirementOrder } from "../../src/chain/intents.js";
import { eventSources, firstBlockOf } from "../../src/chain/manifest.js";
import { createSigners } from "../../src/chain/signers.js";
import { createProjector } from "../../src/ledger/projector.js";
import { createProving, type ProvingDeps } from "../../src/proofs/compose.js";
import { sourceOf } from "./chain-source.js";
import { testDatabase, type TestDatabase } from "./database.js";
import type { Request } from "./faulty-connection.js";
import { deployTestLedger } from "./ledger.js";
import { RecordingLogger } from "./recording-logger.js";

export const PROVING_BATCH = "VN-PROOF-2024";
export const SERVICE_ADDRESS = `0x${"5e".repeat(20)}`;

export type ProvingStage = Awaited<ReturnType<typeof provingStage>>;

export interface ProvingStageOptions {
  readonly database?: TestDatabase;
  /** Never more blocks between two checkpoints. */
  readonly blocks?: number;
  /** Nor more seconds. */
  readonly seconds?: number;
  /** Which well-known keys the service manages; both roles' when left out. */
  readonly managed?: readonly ("registrar1" | "registrar2" | "compliance1" | "compliance2")[];
}

/** Checkpoints and proofs of a ledger on a chain of its own, which a test moves by hand. */
export async function provingStage(options: ProvingStageOptions = {}) {
  const ledger = await deployTestLedger();
  const database = options.database ?? (await testDatabase());
  const { db } = database;
  const { provider } = ledger.ethers;
  const contracts = eventSources(ledger.manifest);
  const logger = new RecordingLogger();
  const projector = createProjector({
    db,
    source: sourceOf(provider),
    contracts,
    deployedAtBlock: BigInt(firstBlockOf(ledger.manifest)),
    logger,
  });
  const signers = createSigners({ db, password: "correct horse", scryptN: 2 });
  const keys = developmentWallets(provider);
  for (const part of options.managed ?? (["registrar1", "compliance1"] as const)) {
    await signers.createManagedAccount({}, keys[part].privateKey);
  }
  const node: { ask: Request } = {
    async ask(method, params) {
      try {
        return await provider.send(method, [...params]);
      } catch (error) {
        const { code, message } = error as { code?: unknown; message: string };
        throw new RpcError(method, typeof code === "number" ? code : -32_000, message, null);
      }
    },
  };
  const deps: ProvingDeps = {
    db,
    connection: { request: (method, params) => node.ask(method, params) },
    manifest: ledger.manifest,
    contracts,
    signers,
    service: { address: SERVICE_ADDRESS },
    logger,
    checkpoints: { blocks: options.blocks ?? 100, seconds: options.seconds ?? 60 },
  };
  const proving = createProving(deps);
  const holder = ledger.firms[0]!;
  await ledger.admit(null, holder);
  const batchId = await ledger.issueBatch({ code: PROVING_BATCH, tonnes: 1_000_000, recipient: holder });
  await projector.catchUp();

  /** @returns the number of the new retirement */
  async function retire(changes: Partial<RetirementOrder> = {}): Promise<bigint> {
    const order: RetirementOrder = {
      batchId,
      tonnes: 10n,
      blocks: [],
      beneficiary: "Cảng Đà Nẵng",
      beneficiaryId: "0400101972",
      beneficiaryCommitment: ZeroHash,
      purpose: 0,
      reason: "2025 footprint",
      details: "",
      consumptionCountry: "0x564e",
      consumptionPeriodStart: 20_089,
      consumptionPeriodEnd: 20_453,
      ...changes,
    };
    await ledger.retirements.connect(holder).retire(holder, order);
    await projector.catchUp();
    return ledger.retirements.retirementCount();
  }

  return {
    ...proving,
    ledger,
    database,
    db,
    projector,
    logger,
    signers,
    keys,
    /** How the node answers; a test may put another in its place. */
    node,
    holder,
    batchId,
    retire,
    /** The same in another process, as it were. */
    another: () => createProving(deps),
    async mine(blocks: number): Promise<void> {
      // `hardhat_mine` would leave out the headers in between.
      for (let n = 0; n < blocks; n++) await provider.send("evm_mine", []);
      await projector.catchUp();
    },
    async head(): Promise<bigint> {
      return BigInt(await provider.getBlockNumber());
    },
  };
}
