import { auctionRoutes } from "./auctions/routes.js";
import { createAuctions } from "./auctions/service.js";
import type { Connection } from "./chain/connection.js";
import type { LedgerAddresses } from "./chain/events.js";
import { createExchangeCalls } from "./chain/exchange-calls.js";
import type { DeploymentManifest } from "./chain/manifest.js";
import { dealOf, exchangeDomain, hashDeal } from "./chain/orders.js";
import type { QueuedTrade } from "./chain/outbox/settlements.js";
import type { Fate } from "./chain/outbox/store.js";
import type { Signers } from "./chain/signers.js";
import type { Db } from "./db/connection.js";
import { dealRoutes } from "./deals/routes.js";
import { createDeals } from "./deals/service.js";
import { feeRoutes } from "./fees/routes.js";
import { createFees } from "./fees/service.js";
import type { Route } from "./http/route.js";
import type { Institution } from "./institution.js";
import { instrumentRoutes } from "./instruments/routes.js";
import { createInstruments } from "./instruments/service.js";
import { managedAccountOf } from "./intents/managed-account.js";
import type { Intents } from "./intents/service.js";
import type { Projector } from "./ledger/projector.js";
import type { Logger } from "./logger.js";
import { createTradingRights } from "./market/facts.js";
import { createMarketHost } from "./market/host.js";
import { createIntake, type RecoverOrderSigner } from "./market/intake.js";
import { createManagedOrders } from "./market/managed.js";
import type { Clock } from "./market/ports.js";
import { marketRoutes } from "./market/routes.js";
import { createSealedOrders } from "./market/sealed.js";
import { createOrders } from "./market/service.js";
import { marketDataRoutes } from "./market-data/routes.js";
import { createMarketData } from "./market-data/service.js";
import type { Operations } from "./operations/service.js";
import { createDepartures } from "./positions/departures.js";
import { positionRoutes } from "./positions/routes.js";
import { createPositions } from "./positions/service.js";
import { createWithdrawalServer } from "./positions/withdrawal-server.js";
import type { Principal } from "./principal.js";
import { putThroughRoutes } from "./put-through/routes.js";
import { createPutThroughBoard } from "./put-through/service.js";
import { createSweeper } from "./sweeper.js";

export interface MarketsOptions {
  readonly db: Db;
  readonly connection: Connection;
  readonly manifest: DeploymentManifest;
  readonly contracts: LedgerAddresses;
  readonly signers: Signers;
  readonly projector: Projector;
  readonly operations: Operations;
  readonly institution: Institution;
  readonly logger: Logger;
  /** Takes trades to settlement that were committed, in their order. */
  readonly offer: (trades: readonly QueuedTrade[]) => void;
  readonly clock?: Clock;
  readonly recoverOrderSigner?: RecoverOrderSigner | undefined;
}

/** Everything that trades. */
export type Markets = ReturnType<typeof createMarkets>;

/** How often what nobody announced is looked for, in milliseconds. */
const SWEEP_MS = 1_000;

export function createMarkets(options: MarketsOptions) {
  const { db, connection, manifest, contracts, signers, projector, operations, institution, logger } = options;
  const clock = options.clock ?? { now: Date.now };
  const calls = createExchangeCalls(contracts);
  const domain = exchangeDomain(BigInt(manifest.chainId), contracts.Exchange);
  const accountOf = (principal: Principal, asked: string | null): Promise<string> =>
    managedAccountOf(db, principal, asked);

  const { symbol: currency } = manifest.settings.currency;
  const instruments = createInstruments({ db, institution, calls, clock, currency });
  const { rules } = instruments;
  projector.onAdvance((advance) => instruments.advanced(advance));
  const host = createMarketHost({
    db,
    projector,
    head: () => connection.blockNumber(),
    rules,
    clock,
    logger,
    offer: options.offer,
  });
  const { reservations, desk, feed, sessions } = host;
  instruments.follow(feed);
  const ready = (): Promise<void> => host.ready();
  const intake = createIntake({
    host,
    rules,
    clock,
    domain,
    connection,
    recoverOrderSigner: options.recoverOrderSigner,
  });
  const managed = createManagedOrders({ host, domain, signers, managedAccountOf: accountOf });
  const sealed = createSealedOrders({ db, host, intake, rules, clock });
  const rights = createTradingRights(host.facts, rules, () => clock.now());
  const deals = createDeals({
    db,
    signers,
    connection,
    hashDeal: (deal) => hashDeal(dealOf(deal), domain),
    managedAccountOf: accountOf,
    reservations,
    desk,
    rules,
    rights,
    feeAt: (at) => host.facts.feeAt(at),
    clock,
    ready,
  });
  const auctions = createAuctions({
    db,
    sealed,
    managed,
    ready,
    desk,
    rules,
    rights,
    reservations,
    feeAt: (at) => host.facts.feeAt(at),
    clock,
  });
  const departures = createDepartures({ db, operations, reservations, ready, logger });
  const withdrawals = createWithdrawalServer({ db, operations, calls, projector, logger });
  const data = createMarketData({
    db,
    instruments,
    feed,
    sessions,
    clock,
    ready,
  });

  for (const restore of [instruments, sealed, deals, auctions, departures].map(restoreOf)) host.beforeOpening(restore);
  const sweepers = [
    createSweeper({ name: "deals", everyMs: SWEEP_MS, run: () => deals.sweep(), logger }),
    createSweeper({ name: "auctions", everyMs: SWEEP_MS, run: () => auctions.closeDue(), logger }),
  ];

  return {
    departures,
    /** The outbox calls it when operations have ended. */
    settled: (fates: readonly Fate[]): void => desk.settled(fates),

    /** @param intents The door for signed cancellations and withdrawals. */
    routes(intents: Intents): Route[] {
      const orders = createOrders({ db, host, intake, managed, intents });
      const positions = createPositions({ db, intents, institution, calls, reservations });
      const board = createPutThroughBoard({ db, flushed: () => host.flushed() });
      return [
        ...instrumentRoutes(instruments, operations),
        ...marketDataRoutes(data),
        ...marketRoutes(orders),
        ...putThroughRoutes(board),
        ...dealRoutes(deals),
        ...auctionRoutes({ auctions, now: () => clock.now() }),
        ...positionRoutes(positions, operations),
        ...feeRoutes(createFees({ db, institution, calls, clock }), operations),
      ];
    },

    start(): void {
      host.start();
      withdrawals.start();
      for (const sweeper of sweepers) sweeper.start();
    },

    async stop(): Promise<void> {
      for (const sweeper of sweepers) await sweeper.stop();
      await withdrawals.stop();
      departures.stop();
      await host.stop();
    },
  };
}

/** What is read at a start, before anything is accepted. */
function restoreOf(part: { restore(): Promise<void> } | { load(): Promise<void> }): () => Promise<void> {
  return "restore" in part ? () => part.restore() : () => part.load();
}
