import { Wallet, randomBytes, toBigInt } from "ethers";

import { developmentWallets } from "../../src/chain/development.js";
import { eventSources, firstBlockOf } from "../../src/chain/manifest.js";
import { hashIntent, intentDomain, signIntent, type IntentByKind } from "../../src/chain/intents.js";
import { signedIntentItem } from "../../src/chain/intent-payload.js";
import { createOutbox, type Outbox } from "../../src/chain/outbox/outbox.js";
import type { HintSource, OutboxProjector, OutboxSettings } from "../../src/chain/outbox/ports.js";
import { createSigners, localSigner } from "../../src/chain/signers.js";
import { createChainSource } from "../../src/chain/source.js";
import type { IntentKind } from "../../src/chain/event-types.js";
import { createProjector } from "../../src/ledger/projector.js";
import { createOperations, type NewOperation, type OperationView } from "../../src/operations/service.js";
import { testDatabase } from "./database.js";
import { createFaultyConnection } from "./faulty-connection.js";
import { CAPABILITIES, deployTestLedger } from "./ledger.js";
import { RecordingLogger } from "./recording-logger.js";

export const FAR_DEADLINE = 1n << 40n;
export const BATCH_TONNES = 1_000_000n;

/** Fast enough for tests. */
const SETTINGS: Partial<OutboxSettings> = { pollMs: 20, retryMs: 20, maxRetryMs: 50, resendAfterMs: 100 };

export type OutboxStage = Awaited<ReturnType<typeof createOutboxStage>>;

/** A ledger on an in-process chain, a database, a projector and operations; outboxes are started, and crash, as the test says. */
export async function createOutboxStage() {
  const ledger = await deployTestLedger();
  const { provider } = ledger.ethers;
  const request = (method: string, params: readonly unknown[]): Promise<unknown> => provider.send(method, [...params]);
  const keys = developmentWallets(provider);
  const holders = [Wallet.createRandom(), Wallet.createRandom()] as const;
  for (const holder of holders) await ledger.admit(null, holder.address, CAPABILITIES.ALL);
  const batchId = await ledger.issueBatch({ recipient: holders[0].address, tonnes: BATCH_TONNES });

  const database = await testDatabase();
  const { db } = database;
  const addresses = eventSources(ledger.manifest);
  const projector = createProjector({
    db,
    source: createChainSource(createFaultyConnection(request)),
    contracts: addresses,
    deployedAtBlock: BigInt(firstBlockOf(ledger.manifest)),
    intervalMs: 20,
    logger: new RecordingLogger(),
  });
  projector.start();

  let outbox: Outbox | undefined;
  const operations = createOperations({ db, kick: (lane) => outbox?.kick(lane) });
  const signers = createSigners({ db, password: "correct horse", scryptN: 2 });
  const relayer = localSigner(keys.operator.privateKey);
  const running: Outbox[] = [];
  const domain = intentDomain(ledger.chainId, addresses.Intents);
  const logger = new RecordingLogger();

  /** Starts an outbox, as a process that comes up: on the same database and chain. */
  function startOutbox(
    options: { settings?: Partial<OutboxSettings>; projector?: OutboxProjector; hints?: HintSource } = {},
  ) {
    const connection = createFaultyConnection(request);
    outbox = createOutbox({
      db,
      connection,
      addresses,
      relayer,
      signers,
      projector: options.projector ?? projector,
      logger,
      onSettled: operations.settled,
      ...(options.hints === undefined ? {} : { hints: options.hints }),
      settings: { ...SETTINGS, ...options.settings },
    });
    running.push(outbox);
    outbox.start();
    return { outbox, connection };
  }

  async function intent<K extends IntentKind>(kind: K, value: IntentByKind[K], signer: Wallet | (typeof holders)[0]) {
    const signature = await signIntent(signer, kind, value, domain);
    const item = signedIntentItem(kind, value, signature);
    const hash = hashIntent(kind, value, domain);
    const operation: NewOperation = {
      id: hash,
      kind,
      lane: "intents",
      account: value.account,
      request: {},
      payload: item,
      intentHash: hash,
    };
    return { hash, item, operation };
  }

  return {
    ledger,
    db,
    keys,
    holders,
    batchId,
    operations,
    signers,
    relayer: relayer.address,
    projector,
    logger,
    request,
    startOutbox,
    intent,

    /** A transfer of the first holder to the second, signed unless told otherwise by the first. */
    transfer: (differences: Partial<IntentByKind["transfer"]> = {}, signer: (typeof holders)[0] = holders[0]) =>
      intent(
        "transfer",
        {
          account: holders[0].address,
          to: holders[1].address,
          batchId,
          tonnes: 1n,
          blocks: [],
          nonce: toBigInt(randomBytes(32)),
          deadline: FAR_DEADLINE,
          ...differences,
        },
        signer,
      ),

    /** Accepts, and waits for the end. */
    async settle(operation: NewOperation, seconds = 20): Promise<OperationView> {
      const ended = await operations.wait(await operations.accept(operation), seconds);
      if (ended === undefined) throw new Error("Accepted and gone");
      return ended;
    },

    /** How many times the chain has executed an intent. */
    async executions(hash: string): Promise<number> {
      return (await ledger.intents.queryFilter(ledger.intents.filters.IntentExecuted(hash))).length;
    },

    received: (): Promise<bigint> => ledger.units.balanceOf(holders[1].address, batchId),

    async close(): Promise<void> {
      // One that hangs, because the test let it crash, never ends by itself.
      await Promise.race([
        Promise.all(running.map((one) => one.stop())),
        new Promise((resolve) => setTimeout(resolve, 500).unref()),
      ]);
      await projector.stop();
      await database.close();
    },
  };
}
