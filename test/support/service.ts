import { randomBytes } from "node:crypto";
import { toBigInt, Wallet } from "ethers";

import { createService } from "../../src/app.js";
import type { Connection } from "../../src/chain/connection.js";
import { developmentWallets } from "../../src/chain/development.js";
import type { IntentKind } from "../../src/chain/event-types.js";
import { intentFromJson, type IntentJsonByKind } from "../../src/chain/intent-json.js";
import {
  hashIntent,
  intentDomain,
  signIntent,
  type IntentDomain,
  type TypedDataSigner,
} from "../../src/chain/intents.js";
import { ConnectionProvider } from "../../src/chain/rpc-provider.js";
import { parseHex } from "../../src/chain/rpc-shapes.js";
import { createSigners, localSigner } from "../../src/chain/signers.js";
import type { OpenDatabase } from "../../src/db/connection.js";
import { listen } from "../../src/http/server.js";
import { createLogger } from "../../src/logger.js";
import type { Clock } from "../../src/market/ports.js";
import type { WebhookSettings } from "../../src/notifying.js";
import type { InstitutionalRole } from "../../src/principal.js";
import { testDatabase } from "./database.js";
import { createFaultyConnection, type Request } from "./faulty-connection.js";
import { requester } from "./http.js";
import { CAPABILITIES, deployTestLedger } from "./ledger.js";

const HOUR = 3_600;
/** Signs what the service hands out; an account that the chain knows nothing of. */
export const SERVICE_KEY = `0x${"5e".repeat(32)}`;

export type TestService = Awaited<ReturnType<typeof startTestService>>;

/** A firm of the tests. `key` is the bearer header of its API key. */
export interface TestFirm {
  readonly id: number;
  readonly account: string;
  readonly key: { readonly authorization: string };
}

/** A firm that signs for itself. */
export interface SelfCustodyFirm extends TestFirm {
  readonly wallet: TypedDataSigner & { readonly address: string };
}

export interface TestServiceOptions {
  /** Migrated; the service closes it. */
  readonly database?: OpenDatabase;
  /** What the markets take for now. */
  readonly clock?: Clock;
  /** Where webhooks may go, and when they are tried again. */
  readonly webhooks?: WebhookSettings;
  /** The connection that the service uses in place of the faulty one. */
  connect?(chain: Request): Promise<Connection>;
}

/**
 * The whole service, wired as in the process, on a chain and a database of its own, listening on a free port. Answers are checked
 * against their schemas. Nothing is sent while `connection.faults.isDown`.
 */
export async function startTestService(options: TestServiceOptions = {}) {
  const ledger = await deployTestLedger();
  const { provider } = ledger.ethers;
  const request = (method: string, params: readonly unknown[]): Promise<unknown> => provider.send(method, [...params]);
  const connection = createFaultyConnection(request);
  const overRequests = new ConnectionProvider(connection.request, connection.chainId);
  const database = options.database ?? (await testDatabase());
  const { db } = database;
  const signers = createSigners({ db, password: "correct horse", scryptN: 2 });
  const keys = developmentWallets(provider);
  const service = createService({
    database,
    connection: (await options.connect?.(request)) ?? {
      // What is missing, no route of the tests asks for.
      ...({} as Connection),
      ...connection,
      provider: overRequests,
      getCode: async (address: string) => parseHex(await connection.request("eth_getCode", [address, "latest"])),
    },
    manifest: ledger.manifest,
    signers,
    relayer: localSigner(keys.operator.privateKey),
    service: localSigner(SERVICE_KEY),
    logger: createLogger("fatal"),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.webhooks === undefined ? {} : { webhooks: options.webhooks }),
    outbox: { pollMs: 20, retryMs: 20, maxRetryMs: 50 },
    http: { checkAnswers: true },
  });
  service.start();
  const server = await listen(service.app, { host: "127.0.0.1", port: 0 });
  const domain = intentDomain(ledger.chainId, ledger.addresses.Intents);

  async function keyOf(scope: Parameters<typeof service.apiKeys.create>[0]): Promise<{ authorization: string }> {
    const { key } = await service.apiKeys.create(scope);
    return { authorization: `Bearer ${key}` };
  }

  /** Resolves once the read model knows the chain as it is now. */
  async function synced(): Promise<void> {
    const head = await ledger.ethers.provider.getBlockNumber();
    if (!(await service.projector.waitForBlock(BigInt(head), 20_000)))
      throw new Error("The read model does not follow");
  }

  async function firm(wallet: SelfCustodyFirm["wallet"] = Wallet.createRandom()): Promise<SelfCustodyFirm> {
    const id = await ledger.admit(null, wallet.address, CAPABILITIES.ALL);
    await synced();
    const key = await keyOf({ scope: "participant", participantId: id, label: "firm" });
    return { id, account: wallet.address, key, wallet };
  }

  return {
    ...requester(server.url),
    ledger,
    db,
    connection,
    service,
    signers,
    keys,
    domain,
    keyOf,
    synced,
    firm,

    /** A firm whose only account is managed by the service. */
    async managedFirm(): Promise<TestFirm> {
      const account = await signers.createManagedAccount({});
      const { id, key } = await firm({ address: account } as SelfCustodyFirm["wallet"]);
      return { id, account, key };
    },

    /** The API key of a role, with the development account that holds it. */
    async officerKey(role: InstitutionalRole, part: keyof typeof keys) {
      const account = await signers.createManagedAccount({ role }, keys[part].privateKey);
      return keyOf({ scope: "role", role, account, label: role });
    },

    async close(): Promise<void> {
      await server.close(100);
      await service.stop();
      await database.close();
    },
  };
}

/** Nonce and deadline as a client would choose them. */
export function freshTerms(account: string) {
  const deadline = Math.floor(Date.now() / 1_000) + HOUR;
  return { account, nonce: toBigInt(randomBytes(32)).toString(), deadline: String(deadline) };
}

/** A signed body, and the hash that its operation is called by. */
export async function signedBody<K extends IntentKind>(
  kind: K,
  json: IntentJsonByKind[K],
  signer: TypedDataSigner,
  domain: IntentDomain,
) {
  const intent = intentFromJson(kind, json);
  const body = { intent: json, signature: await signIntent(signer, kind, intent, domain) };
  return { body, hash: hashIntent(kind, intent, domain) };
}
