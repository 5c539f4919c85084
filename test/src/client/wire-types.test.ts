import { describe, it } from "vitest";
import type { z } from "zod";

import type { accessEntrySchema } from "../../../src/access-log/schemas.js";
import type { apiKeySchema, newApiKeySchema } from "../../../src/api-keys/schemas.js";
import type { auctionSchema, bidSchema, transcriptSchema } from "../../../src/auctions/schemas.js";
import type * as cash from "../../../src/cash/schemas.js";
import type { certificateSchema } from "../../../src/certificates/schemas.js";
import type { chainSchema, reconciliationSchema, stateHashSchema } from "../../../src/chain-info/schemas.js";
import type * as sdk from "../../../src/client/index.js";
import type { dealSchema } from "../../../src/deals/schemas.js";
import type { eventSchema } from "../../../src/events/schemas.js";
import type { exportSchema } from "../../../src/exports/schemas.js";
import type * as past from "../../../src/history/past-schemas.js";
import type { totalsSchema } from "../../../src/history/schemas.js";
import type { operationSchema } from "../../../src/http/act.js";
import type * as imports from "../../../src/imports/schemas.js";
import type { decisionSchema, instrumentSchema } from "../../../src/instruments/schemas.js";
import type * as data from "../../../src/market-data/schemas.js";
import type { orderSchema, ownTradeSchema } from "../../../src/market/schemas.js";
import type * as webhooks from "../../../src/notifications/webhook-schemas.js";
import type { accountSchema, participantSchema } from "../../../src/participants/schemas.js";
import type { beneficiarySchema } from "../../../src/personal-data/schemas.js";
import type { positionSchema, withdrawalSchema } from "../../../src/positions/schemas.js";
import type { checkpointSchema, consistencySchema } from "../../../src/proofs/schemas.js";
import type { boardOrderSchema } from "../../../src/put-through/schemas.js";
import type { batchSchema, serialSchema } from "../../../src/registry/batch-schemas.js";
import type { issuanceSchema } from "../../../src/registry/issuance-schemas.js";
import type { projectSchema } from "../../../src/registry/project-schemas.js";
import type { statementSchema } from "../../../src/registry/statement-schemas.js";
import type { cancellationSchema, retirementSchema } from "../../../src/retirements/schemas.js";
import type { transactionSchema } from "../../../src/transactions/schemas.js";
import type { holdingSchema, transferSchema } from "../../../src/transfers/schemas.js";

type Of<Schema extends z.ZodType> = z.output<Schema>;
type Item<Schema extends z.ZodType<{ items: readonly unknown[] }>> = z.output<Schema>["items"][number];

/** Members of an answer that the client does not have, or has as something else. */
type Misfit<Server, Client> = {
  [Name in Exclude<keyof Server, "links" | "problem">]: Name extends keyof Client
    ? Server[Name] extends Client[Name]
      ? never
      : Name
    : Name;
}[Exclude<keyof Server, "links" | "problem">];

/** The compiler's to judge: without a misfit it takes no argument. */
function fits<Server, Client>(..._: [Misfit<Server, Client>] extends [never] ? [] : [Misfit<Server, Client>]): void {
  // There is nothing left to do when it runs.
}

describe("the types of the client", () => {
  it("should fit what the service answers about the registry", () => {
    fits<Of<typeof participantSchema>, sdk.Participant>();
    fits<Of<typeof accountSchema>, sdk.Account>();
    fits<Of<typeof projectSchema>, sdk.Project>();
    fits<Of<typeof statementSchema>, sdk.Statement>();
    fits<Of<typeof issuanceSchema>, sdk.Issuance>();
    fits<Of<typeof batchSchema>, sdk.Batch>();
    fits<Of<typeof serialSchema>, sdk.Serial>();
    fits<Of<typeof holdingSchema>, sdk.Holding>();
    fits<Of<typeof transferSchema>, sdk.Transfer>();
    fits<Of<typeof retirementSchema>, sdk.Retirement>();
    fits<Of<typeof cancellationSchema>, sdk.Cancellation>();
    fits<Of<typeof certificateSchema>, sdk.Certificate>();
    fits<Of<typeof imports.importSchema>, sdk.Import>();
    fits<Of<typeof imports.rowSchema>, sdk.ImportRow>();
    fits<Of<typeof imports.totalsSchema>, sdk.ImportTotals>();
  });

  it("should fit what it answers about itself", () => {
    // The roles are named where they are given.
    fits<Omit<Of<typeof operationSchema>, "role">, sdk.Operation>();
    fits<Of<typeof transactionSchema>, sdk.Transaction>();
    fits<Of<typeof eventSchema>, sdk.LedgerEvent>();
    fits<Of<typeof chainSchema>, sdk.Chain>();
    fits<Of<typeof stateHashSchema>, sdk.StateHash>();
    fits<Of<typeof reconciliationSchema>, sdk.Reconciliation>();
    fits<Of<typeof apiKeySchema>, sdk.ApiKeyInfo>();
    fits<Of<typeof newApiKeySchema>, sdk.NewApiKey>();
    fits<Of<typeof accessEntrySchema>, sdk.AccessEntry>();
    fits<Of<typeof webhooks.webhookSchema>, sdk.Webhook>();
    fits<Of<typeof webhooks.newWebhookSchema>, sdk.NewWebhook>();
    fits<Of<typeof webhooks.deliverySchema>, sdk.WebhookDelivery>();
    fits<Of<typeof webhooks.testSchema>, sdk.WebhookTest>();
  });

  it("should fit what it answers about the past", () => {
    fits<Item<typeof past.holdingsAtPage>, sdk.PastHolding>();
    fits<Item<typeof past.positionsAtPage>, sdk.PastPosition>();
    fits<Item<typeof past.supplyAtPage>, sdk.PastSupply>();
    fits<Item<typeof past.labelsAtPage>, sdk.PastLabels>();
    fits<Item<typeof past.participantsAtPage>, sdk.PastParticipant>();
    fits<Of<typeof past.statementSchema>, sdk.UnitStatement>();
    fits<Of<typeof past.serialLifeSchema>, sdk.SerialLife>();
    fits<Omit<Of<typeof totalsSchema>, "subject">, Omit<sdk.HistoryTotals, "subject">>();
    fits<Of<typeof exportSchema>, sdk.Export>();
    fits<Of<typeof checkpointSchema>, sdk.SignedCheckpoint>();
    fits<Of<typeof consistencySchema>, sdk.Consistency>();
    fits<Of<typeof beneficiarySchema>, sdk.Beneficiary>();
  });

  it("should fit what it answers about money and markets", () => {
    fits<Of<typeof cash.currencySchema>, sdk.Currency>();
    fits<Of<typeof cash.balanceSchema>, sdk.CashBalance>();
    fits<Of<typeof cash.depositSchema>, sdk.CashDeposit>();
    fits<Of<typeof cash.redemptionSchema>, sdk.Redemption>();
    fits<Of<typeof cash.statementSchema>, sdk.CashStatement>();
    fits<Of<typeof instrumentSchema>, sdk.Instrument>();
    fits<Of<typeof decisionSchema>, sdk.MarketDecision>();
    fits<Of<typeof data.bookSchema>, sdk.Book>();
    fits<Of<typeof data.tradeSchema>, sdk.PublicTrade>();
    fits<Of<typeof data.candlesSchema>, sdk.Candles>();
    fits<Of<typeof data.marketDaySchema>, sdk.MarketDay>();
    fits<Of<typeof data.volumeSchema>, sdk.Volume>();
    fits<Of<typeof orderSchema>, sdk.Order>();
    fits<Of<typeof ownTradeSchema>, sdk.OwnTrade>();
    fits<Of<typeof boardOrderSchema>, sdk.PutThroughOrder>();
    fits<Of<typeof dealSchema>, sdk.ReportedDeal>();
    fits<Of<typeof auctionSchema>, sdk.Auction>();
    fits<Of<typeof bidSchema>, sdk.Bid>();
    fits<Of<typeof transcriptSchema>, sdk.AuctionTranscript>();
    fits<Of<typeof positionSchema>, sdk.Position>();
    fits<Of<typeof withdrawalSchema>, sdk.Withdrawal>();
  });
});
