import { open, mkdir, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";

import { z } from "zod";

import type { LedgerAddresses } from "./events.js";
import { ROLE_NAMES } from "./roles.js";

/** The ledger's contracts, in the order of their deployment: the n-th is created by the deployer's nonce `startNonce + n`. */
export const CONTRACT_NAMES = [
  "LedgerAccess",
  "Participants",
  "Registry",
  "Units",
  "Retirements",
  "Intents",
  "SettlementCash",
  "Exchange",
] as const;
export type ContractName = (typeof CONTRACT_NAMES)[number];

export const MANIFEST_FORMAT = 2;

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const counter = z.int().nonnegative();

/** A longer delay would lock a firm in. */
const MAX_WITHDRAWAL_DELAY_SECONDS = 30 * 86_400;

const grantSchema = z.strictObject({
  role: z.enum(ROLE_NAMES),
  account: address,
  /** How long, in seconds, an act in this role waits between its announcement and its execution. */
  delaySeconds: counter.max(0xffffffff),
});

/** What a deployment is asked to do. Recorded at its start: a resumed deployment goes on with what is recorded. */
export const deploymentSettingsSchema = z.strictObject({
  /** Followed by the batch id: ERC-1155 metadata. */
  batchBaseUri: z.string(),
  /** Followed by the retirement's number: certificate metadata. */
  certificateBaseUri: z.string(),
  /** The settlement currency; its name and symbol are those of the ERC-20. */
  currency: z.strictObject({
    name: z.string().min(1).max(64),
    symbol: z.string().regex(/^[A-Z]{3,8}$/),
    /** How many decimal places its minor unit has. */
    decimals: counter.max(18),
  }),
  /** In minor units, as a decimal string: above it, two accounts of the settlement bank must agree. */
  singleApprovalLimit: z.string().regex(/^(0|[1-9][0-9]{0,76})$/),
  /** How long, in seconds, a withdrawal from the exchange may be left unserved before its owner can take it. */
  withdrawalDelaySeconds: counter.max(MAX_WITHDRAWAL_DELAY_SECONDS),
  /** Holders of every role but ADMIN. */
  holders: z.array(grantSchema),
  /** Takes over ADMIN from the deployer at the end. May be the deployer itself. */
  admin: z.strictObject({ account: address, delaySeconds: counter.max(0xffffffff) }),
});

const placeSchema = z.strictObject({ txHash: hash, blockNumber: counter });

const manifestSchema = z.strictObject({
  formatVersion: z.literal(MANIFEST_FORMAT),
  chainId: z.string().regex(/^[1-9][0-9]*$/),
  genesisHash: hash,
  deployer: address,
  startNonce: counter,
  settings: deploymentSettingsSchema,
  contracts: z.partialRecord(z.enum(CONTRACT_NAMES), placeSchema.extend({ address })),
  /** The transaction that set roles, delays and the admin. */
  configuration: placeSchema.optional(),
  /** Signed and perhaps sent, not yet seen in a block. */
  pending: z.strictObject({ step: z.string(), txHash: hash, raw: z.string().regex(/^0x[0-9a-f]+$/) }).optional(),
  /** Who held what when the deployment was complete. Later changes are in the access manager's logs. */
  roles: z.array(grantSchema),
  complete: z.boolean(),
});

export type RoleGrant = z.infer<typeof grantSchema>;
export type DeploymentSettings = z.infer<typeof deploymentSettingsSchema>;
export type DeploymentManifest = z.infer<typeof manifestSchema>;

/** A manifest that cannot be used: unreadable, incomplete, or of another chain. */
export class ManifestError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ManifestError";
  }
}

/** Where a deployment remembers how far it came. `write` is atomic: after a crash, `read` gives the old or the new, whole. */
export interface ManifestStore {
  read(): Promise<DeploymentManifest | undefined>;
  write(manifest: DeploymentManifest): Promise<void>;
}

/** Keeps the manifest in a JSON file; its folder is made when needed. */
export function fileManifestStore(path: string): ManifestStore {
  return {
    read: () => readManifest(path),
    async write(manifest) {
      await mkdir(dirname(path), { recursive: true });
      const draft = `${path}.draft`;
      const file = await open(draft, "w");
      try {
        await file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
    },
  };
}

/** Keeps the manifest for as long as the process lives. */
export function memoryManifestStore(): ManifestStore {
  let kept: DeploymentManifest | undefined;
  return {
    read: async () => kept,
    async write(manifest) {
      kept = structuredClone(manifest);
    },
  };
}

/** The manifest in a file; `undefined` when there is no such file. Throws `ManifestError` when it is not a manifest. */
export async function readManifest(path: string): Promise<DeploymentManifest | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ManifestError(`${path} is not a deployment manifest of format ${MANIFEST_FORMAT}.`, { cause });
  }
}

/** Throws `ManifestError` when the manifest was written for another chain. */
export function checkChain(manifest: DeploymentManifest, chain: { chainId: string; genesisHash: string }): void {
  if (manifest.chainId !== chain.chainId) {
    throw new ManifestError(`The manifest belongs to chain ${manifest.chainId}, this is chain ${chain.chainId}.`);
  }
  if (manifest.genesisHash !== chain.genesisHash) {
    throw new ManifestError(
      `The manifest belongs to another chain with the id ${chain.chainId}: ` +
        `its first block is ${manifest.genesisHash}, here it is ${chain.genesisHash}.`,
    );
  }
}

/** The address of each contract. Throws `ManifestError` while the deployment is incomplete. */
export function addressesOf(manifest: DeploymentManifest): Record<ContractName, string> {
  const entries = CONTRACT_NAMES.map((name) => {
    const contract = manifest.contracts[name];
    if (contract === undefined || !manifest.complete) throw new ManifestError("The deployment is not complete.");
    return [name, contract.address] as const;
  });
  return Object.fromEntries(entries) as Record<ContractName, string>;
}

/** The addresses as the event decoder names them. Throws `ManifestError` while the deployment is incomplete. */
export function eventSources(manifest: DeploymentManifest): LedgerAddresses {
  const { LedgerAccess: AccessManager, ...others } = addressesOf(manifest);
  return { AccessManager, ...others };
}

/** The block of the first contract: no event of this ledger is older. Throws `ManifestError` before that. */
export function firstBlockOf(manifest: DeploymentManifest): number {
  const first = manifest.contracts.LedgerAccess;
  if (first === undefined) throw new ManifestError("The deployment has not begun.");
  return first.blockNumber;
}
