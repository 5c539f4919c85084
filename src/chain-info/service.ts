import type { Connection } from "../chain/connection.js";
import type { LedgerAddresses } from "../chain/events.js";
import { intentDomain } from "../chain/intents.js";
import { exchangeDomain } from "../chain/orders.js";
import { BlockMissingError } from "../chain/source.js";
import { statementDomain } from "../chain/statement.js";
import type { TypedDomain } from "../chain/typed-data.js";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import type { Projector } from "../ledger/projector.js";
import { listRoleGrants } from "../ledger/read/participants.js";
import type { Reconciler } from "../ledger/reconciler.js";
import type { Reconciliation } from "../ledger/reconcile.js";
import { stateHash } from "../ledger/state-hash.js";
import { INSTITUTIONAL_ROLES, type InstitutionalRole } from "../principal.js";
import { roleOfNumber } from "../roles.js";

export interface DomainView {
  readonly name: string;
  readonly version: string;
  readonly chainId: number;
  readonly verifyingContract: string;
}

/** The chain and the ledger on it, as the API shows them. */
export interface ChainView {
  readonly chainId: number;
  readonly name: string;
  readonly head: { readonly number: number; readonly hash: string; readonly timestamp: string };
  readonly projected: { readonly number: number; readonly hash: string };
  readonly genesisHash: string;
  readonly confirmations: number;
  readonly contracts: Readonly<Record<string, string>>;
  readonly domains: { readonly intents: DomainView; readonly registry: DomainView; readonly exchange: DomainView };
  readonly roles: Readonly<Record<InstitutionalRole, readonly string[]>>;
  readonly bufferAccount: string | null;
  /** Whether every movement of units is stopped. */
  readonly paused: boolean;
}

export interface ChainInfoOptions {
  readonly db: Db;
  readonly connection: Pick<Connection, "getBlock">;
  readonly projector: Pick<Projector, "position">;
  readonly reconciler: Pick<Reconciler, "run" | "latest">;
  /** For people: which network this is. */
  readonly name: string;
  readonly chainId: bigint;
  readonly genesisHash: string;
  readonly contracts: LedgerAddresses;
  readonly confirmations: bigint;
}

export interface ReconciliationView extends Omit<Reconciliation, "blockNumber"> {
  readonly blockNumber: number | null;
}

export interface ChainInfo {
  /** @throws ChainUnavailableError */
  get(): Promise<ChainView>;
  /** Reads every row of the read model. @throws Problem `read-model-behind` when it changes faster than it can be read */
  stateHash(): Promise<{ readonly blockNumber: number; readonly stateHash: string }>;
  /** Compares the read model with the contracts now. */
  reconcile(): Promise<ReconciliationView>;
  /** What the latest comparison said. @throws Problem `not-found` when there was none since the start */
  latestReconciliation(): ReconciliationView;
}

/** How often a state hash is begun again because blocks were applied meanwhile. */
const ATTEMPTS = 5;

export function createChainInfo(options: ChainInfoOptions): ChainInfo {
  const { db, connection, projector, reconciler, chainId, contracts } = options;
  const { AccessManager, Participants, Registry, Units, Retirements, Intents, SettlementCash, Exchange } = contracts;
  const fixed = {
    chainId: Number(chainId),
    name: options.name,
    genesisHash: options.genesisHash,
    confirmations: Number(options.confirmations),
    contracts: {
      access: AccessManager,
      participants: Participants,
      registry: Registry,
      units: Units,
      retirements: Retirements,
      intents: Intents,
      cash: SettlementCash,
      exchange: Exchange,
    },
    domains: {
      intents: domainView(intentDomain(chainId, Intents), Intents),
      registry: domainView(statementDomain(chainId, Registry), Registry),
      exchange: domainView(exchangeDomain(chainId, Exchange), Exchange),
    },
  };

  return {
    async get() {
      const [head, roles, state] = await Promise.all([headOf(connection), rolesOf(db), stateOf(db)]);
      const position = projector.position();
      // Before anything is applied, the read model knows as much as at the chain's beginning: nothing.
      const projected =
        position === null
          ? { number: 0, hash: options.genesisHash }
          : { number: Number(position.blockNumber), hash: position.blockHash };
      return { ...fixed, head, projected, roles, ...state };
    },

    async stateHash() {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const before = projector.position();
        const hash = await stateHash(db);
        if (before !== null && before.blockHash === projector.position()?.blockHash) {
          return { blockNumber: Number(before.blockNumber), stateHash: hash };
        }
      }
      throw new Problem("read-model-behind", "The read model changes while it is read.");
    },

    reconcile: async () => reconciliationView(await reconciler.run()),

    latestReconciliation() {
      const latest = reconciler.latest();
      if (latest === null)
        throw new Problem("not-found", "The read model was not compared with the chain since the start.");
      return reconciliationView(latest);
    },
  };
}

async function headOf(connection: ChainInfoOptions["connection"]): Promise<ChainView["head"]> {
  const block = await connection.getBlock("latest");
  if (block === null) throw new BlockMissingError("latest");
  const timestamp = new Date(Number(block.timestamp) * 1_000).toISOString();
  return { number: Number(block.number), hash: block.hash, timestamp };
}

async function rolesOf(db: Db): Promise<Record<InstitutionalRole, string[]>> {
  const roles = Object.fromEntries(INSTITUTIONAL_ROLES.map((role) => [role, [] as string[]])) as Record<
    InstitutionalRole,
    string[]
  >;
  for (const { role, account } of await listRoleGrants(db)) {
    const word = roleOfNumber(role);
    if (word !== undefined) roles[word].push(account);
  }
  return roles;
}

async function stateOf(db: Db): Promise<Pick<ChainView, "bufferAccount" | "paused">> {
  const rows = await db.selectFrom("ledger_state").select(["name", "value"]).execute();
  const state = new Map(rows.map(({ name, value }) => [name, value]));
  return { bufferAccount: state.get("bufferAccount") ?? null, paused: state.get("paused") === "true" };
}

function domainView({ name = "", version = "", chainId = 0n }: TypedDomain, verifyingContract: string): DomainView {
  return { name, version, chainId: Number(chainId), verifyingContract };
}

function reconciliationView({ blockNumber, ...rest }: Reconciliation): ReconciliationView {
  return { ...rest, blockNumber: blockNumber === null ? null : Number(blockNumber) };
}
