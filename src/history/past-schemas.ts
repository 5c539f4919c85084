import { z } from "zod";
import { ACCOUNT_STATUSES, FIRST_TRANSFERS, PARTICIPANT_STATUSES, PURPOSES } from "../chain/event-types.js";
import { formatQuery } from "../exports/schemas.js";
import { listQuery, minBlockQuery } from "../http/pagination.js";
import {
  address,
  addressInput,
  blockNumber,
  blockNumberInput,
  code,
  codeInput,
  dateTime,
  dateTimeInput,
  day,
  dayInput,
  decimal,
  hash,
  idInput,
} from "../http/primitives.js";
import { AUTHORISATIONS, CAPABILITIES } from "./labels.js";
import { serialInput } from "./schemas.js";

export const AS_OF_TAG = "As of";

const moment = {
  block: blockNumberInput.optional().describe("After this block. Not together with `at`."),
  at: dateTimeInput
    .transform((text) => BigInt(Math.floor(Date.parse(text) / 1_000)))
    .optional()
    .describe("At this time: after the last block up to it. Neither: the latest block that is known."),
};
/** Both at once would be two questions. */
const oneMoment = <Query extends z.ZodObject>(query: Query): Query =>
  query.refine(({ block, at }) => block === undefined || at === undefined, "give either a block or a time, not both");

const owner = { account: addressInput.optional(), participantId: idInput.optional() };
const asset = z
  .union([codeInput, z.literal("cash")])
  .optional()
  .transform((given) => (given === "cash" ? "" : given))
  .describe("A batch, or `cash`.");

const ofHoldings = { ...moment, ...owner, batch: codeInput.optional() };
const ofPositions = { ...moment, ...owner, batch: asset };
const ofBatches = { ...moment, project: codeInput.optional(), batch: codeInput.optional() };
const ofParticipants = { ...moment, id: idInput.optional() };

export const holdingsAtQuery = oneMoment(z.strictObject({ ...ofHoldings, ...listQuery }));
export const positionsAtQuery = oneMoment(z.strictObject({ ...ofPositions, ...listQuery }));
export const supplyAtQuery = oneMoment(z.strictObject({ ...ofBatches, ...listQuery }));
export const participantsAtQuery = oneMoment(z.strictObject({ ...ofParticipants, ...listQuery }));

export const holdingsFileQuery = oneMoment(z.strictObject({ ...ofHoldings, ...formatQuery, ...minBlockQuery }));
export const positionsFileQuery = oneMoment(z.strictObject({ ...ofPositions, ...formatQuery, ...minBlockQuery }));
export const supplyFileQuery = oneMoment(z.strictObject({ ...ofBatches, ...formatQuery, ...minBlockQuery }));
export const participantsFileQuery = oneMoment(z.strictObject({ ...ofParticipants, ...formatQuery, ...minBlockQuery }));

const pageAt = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    asOf: z.strictObject({ block: blockNumber, hash, at: dateTime }),
    items: z.array(item),
    next: z.string().nullable().describe("`cursor` of the next page; null on the last."),
  });

export const holdingsAtPage = pageAt(
  z
    .strictObject({
      account: address,
      participantId: z.int().nullable(),
      batch: code,
      tonnes: decimal,
      frozenTonnes: decimal.describe("May be more than is held."),
    })
    .meta({ id: "PastHolding" }),
);

export const positionsAtPage = pageAt(
  z
    .strictObject({
      account: address,
      participantId: z.int().nullable(),
      batch: z.string().nullable().describe("Null: cash."),
      amount: decimal.describe("Tonnes, or cash in minor units."),
      leaving: decimal.describe("Asked to be withdrawn."),
      availableAt: dateTime.nullable(),
    })
    .meta({ id: "PastPosition" }),
);

export const supplyAtPage = pageAt(
  z
    .strictObject({
      batch: code,
      projectCode: code,
      vintage: z.int(),
      issuedTonnes: decimal,
      heldTonnes: decimal,
      retiredTonnes: decimal,
      cancelledTonnes: decimal,
      bufferTonnes: decimal,
      paused: z.boolean(),
      changedBlock: blockNumber.describe("The block that it last changed in."),
    })
    .meta({ id: "PastSupply" }),
);

export const labelsAtPage = pageAt(
  z
    .strictObject({
      batch: code,
      projectCode: code,
      vintage: z.int(),
      authorisations: z
        .array(z.enum(AUTHORISATIONS))
        .describe("Purposes that the host country authorised (Article 6)."),
      firstTransfer: z.enum(FIRST_TRANSFERS),
      authorisationDocumentHash: hash.nullable(),
      authorisationRevoked: z.boolean(),
      changedBlock: blockNumber,
    })
    .meta({ id: "PastLabels" }),
);

export const participantsAtPage = pageAt(
  z
    .strictObject({
      id: z.int(),
      taxCode: z.string(),
      name: z.string().nullable().describe("From the public record that was in force."),
      status: z.enum(PARTICIPANT_STATUSES),
      capabilities: z.array(z.enum(CAPABILITIES)),
      kycExpiresAt: dateTime,
      documentHash: hash,
      accounts: z.array(z.strictObject({ address, status: z.enum(ACCOUNT_STATUSES) })),
      changedBlock: blockNumber,
    })
    .meta({ id: "PastParticipant" }),
);

export const statementParams = z.strictObject({ address: addressInput });
const ofStatement = {
  from: dayInput.describe("First day, UTC."),
  to: dayInput.describe("Last day, UTC."),
  batch: codeInput.optional(),
};
const oneSpan = <Query extends z.ZodObject>(query: Query): Query =>
  query.refine(({ from, to }) => String(from) <= String(to), "`from` must not be after `to`");
export const statementQuery = oneSpan(z.strictObject({ ...ofStatement, ...listQuery }));
export const cashStatementFileQuery = oneSpan(
  z.strictObject({
    account: addressInput,
    from: ofStatement.from,
    to: ofStatement.to,
    place: z
      .enum(["account", "exchange"])
      .optional()
      .transform((place) => place ?? "account")
      .describe("`account` (when left out): what the account has itself. `exchange`: its money in trading."),
    ...formatQuery,
    ...minBlockQuery,
  }),
);
export const statementFileQuery = oneSpan(z.strictObject({ ...ofStatement, ...formatQuery, ...minBlockQuery }));

export const statementSchema = z
  .strictObject({
    account: address,
    from: day,
    to: day,
    fromBlock: blockNumber.describe("More than `toBlock`: no block in these days."),
    toBlock: z.int(),
    batches: z
      .array(
        z.strictObject({
          batch: code,
          opening: decimal,
          in: decimal,
          out: decimal,
          closing: decimal.describe("Opening, plus in, less out."),
          position: z
            .strictObject({ opening: decimal, closing: decimal })
            .describe("What the exchange owed the account besides."),
        }),
      )
      .describe("All of them on every page."),
    items: z.array(
      z.strictObject({
        id: z.string(),
        batch: code,
        kind: z.enum(["issuance", "transfer", "retirement", "cancellation", "freeze"]),
        tonnes: z.string().describe("Negative when units went."),
        balance: decimal.describe("Of the batch, after it."),
        frozenTonnes: decimal,
        counterparty: address.nullable(),
        recordId: decimal.nullable().describe("The retirement or the cancellation."),
        timestamp: dateTime,
        blockNumber,
        logIndex: z.int(),
        txHash: hash,
      }),
    ),
    next: z.string().nullable().describe("`cursor` of the next page; null on the last."),
  })
  .meta({ id: "UnitStatement" });

export const serialParams = z.strictObject({ serial: serialInput });
export const serialQuery = z.strictObject(minBlockQuery);

const seenAccount = address.nullable().describe("Null when there is none, or the key may not see whose it is.");

export const serialLifeSchema = z
  .strictObject({
    batch: code,
    serial: decimal,
    projectCode: code,
    projectName: z.string().nullable(),
    vintage: z.int(),
    issued: z.strictObject({
      issuanceId: hash.nullable(),
      account: seenAccount,
      at: dateTime,
      blockNumber,
      txHash: hash,
    }),
    steps: z
      .array(
        z.strictObject({
          kind: z.enum(["issuance", "transfer", "forced", "recovery", "retirement", "cancellation"]),
          from: seenAccount,
          to: seenAccount,
          since: dateTime,
          until: dateTime.nullable().describe("Null: it is there still."),
          blockNumber,
          logIndex: z.int(),
          txHash: hash,
          inExchange: z
            .boolean()
            .describe(
              "From this step to the next it was in the exchange, which does not tell a batch's serials apart.",
            ),
          trades: z.array(z.string()).describe("Trades of the batch meanwhile: each may have been of this tonne."),
          hasMoreTrades: z.boolean(),
        }),
      )
      .describe("In the order of the chain; the first is the issuance."),
    hasMoreSteps: z.boolean(),
    end: z.strictObject({
      state: z.enum(["held", "retired", "cancelled"]),
      account: seenAccount,
      firm: z.string().nullable().describe("Name of who retired or cancelled it; of a holder only where `account` is."),
      retirement: z
        .strictObject({ id: decimal, beneficiary: z.string(), purpose: z.enum(PURPOSES), retiredAt: dateTime })
        .nullable(),
      cancellationId: decimal.nullable(),
    }),
    links: z.strictObject({ self: z.string(), record: z.string().nullable() }),
  })
  .meta({ id: "SerialLife" });
