import { keccak256OfText } from "../../src/chain/keccak.js";
import { createClient, type Client } from "../../src/client/client.js";
import type { Firm } from "../../src/client/firm.js";
import type { CreateApiKey, WriteOptions } from "../../src/client/requests.js";
import type { Chain } from "../../src/client/chain-types.js";
import type { Address, Hash, Operation, RoleName } from "../../src/client/types.js";
import type { Organisation, Scenario } from "./scenario.js";
import { saveState, type PilotState } from "./state.js";

/** An organisation that has been admitted. `firm` signs for itself; without it, `client` holds its API key. */
export interface Actor {
  readonly organisation: Organisation;
  readonly participantId: number;
  readonly account: Address;
  readonly firm: Firm | null;
  readonly client: Client;
}

/** Clients with the API keys of those who hold an office. */
export interface Offices {
  readonly registrars: readonly [Client, Client];
  readonly verifier: Client;
  readonly complianceOfficer: Client;
  readonly exchangeOperator: Client;
  readonly settlementBank: readonly [Client, Client];
  readonly auditor: Client;
}

export type Refusal = PilotState["refusals"][number];

/** All that the steps of a run share. */
export interface Stage {
  readonly baseUrl: string;
  readonly scenario: Scenario;
  readonly state: PilotState;
  readonly keysFile: string;
  readonly chain: Chain;
  /** Holds the admin key. */
  readonly admin: Client;
  /** Without a key, as the public and firms with self-custody are. */
  readonly open: Client;
  readonly actors: Map<string, Actor>;
  readonly statementIds: Map<string, Hash>;
  readonly issuanceIds: Map<string, Hash>;
  readonly refusals: Refusal[];
}

/** One step of the run. `run` gives the words for the progress line. */
export interface Step {
  readonly name: string;
  readonly run: () => Promise<string>;
}

const WAIT_SECONDS = 30;
const SETTLE_SECONDS = 120;

/** The same step has the same key in every run of the scenario on this chain: it is carried out once, however often it is sent. */
export function writeOptions(stage: Stage, step: string): WriteOptions {
  return { idempotencyKey: `pilot:${stage.scenario.seed}:${step}`, waitSeconds: WAIT_SECONDS };
}

/** As `writeOptions`, for an intent: its nonce and deadline are part of what is signed. */
export function intentOptions(stage: Stage, step: string) {
  return { ...writeOptions(stage, step), nonce: nonceOf(stage, step), deadline: BigInt(stage.state.deadline) };
}

export function nonceOf(stage: Stage, step: string): bigint {
  return BigInt(keccak256OfText(`${stage.scenario.seed}:nonce:${step}`));
}

/** Waits until the operation is final. `client` must be the one that asked for it, or one that may see it. */
export async function settled(client: Client, operation: Promise<Operation>): Promise<Operation> {
  return client.operations.settle(await operation, SETTLE_SECONDS);
}

/** A member of a final operation's result, as text. */
export function resultOf(operation: Operation, member: string): string {
  const value = operation.result?.[member];
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new Error(`Operation ${operation.id} (${operation.kind}) has no "${member}" in its result`);
}

export function actor(stage: Stage, id: string): Actor {
  const found = stage.actors.get(id);
  if (found === undefined) throw new Error(`The scenario names "${id}" before it is admitted`);
  return found;
}

/** A client with the API key kept under `name`; the key is made when there is none yet. */
export async function clientWithKey(stage: Stage, name: string, request: CreateApiKey): Promise<Client> {
  const known = stage.state.apiKeys[name];
  if (known !== undefined) return createClient({ baseUrl: stage.baseUrl, apiKey: known });
  // A crash right here leaves a key that nobody knows; the next run makes another. Its secret is shown only once.
  const { key } = await stage.admin.apiKeys.create(request);
  stage.state.apiKeys[name] = key;
  await saveState(stage.keysFile, stage.state);
  return createClient({ baseUrl: stage.baseUrl, apiKey: key });
}

/** The holders of a role, as the deployment granted them. Throws when there are fewer than `count`. */
export function holdersOf(chain: Chain, role: RoleName, count: number): readonly Address[] {
  const holders = chain.roles[role] ?? [];
  if (holders.length < count) {
    throw new Error(`The pilot needs ${count} holder(s) of the role "${role}"; the ledger has ${holders.length}.`);
  }
  return holders.slice(0, count);
}
