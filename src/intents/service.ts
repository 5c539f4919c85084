import { CodeError } from "../chain/codes.js";
import type { Connection } from "../chain/connection.js";
import { intentFromJson, type IntentJsonByKind } from "../chain/intent-json.js";
import { signedIntentItem } from "../chain/intent-payload.js";
import { hashIntent, type IntentDomain } from "../chain/intents.js";
import { createNonceSource } from "../chain/nonces.js";
import type { IntentKind } from "../chain/event-types.js";
import { recoverSigner } from "../chain/signature.js";
import type { Signers } from "../chain/signers.js";
import { isWalletSignature } from "../chain/wallet-signature.js";
import type { Db } from "../db/connection.js";
import type { Idempotency } from "../db/idempotency.js";
import { Problem } from "../errors.js";
import type { Projector } from "../ledger/projector.js";
import type { NewOperation, Operations } from "../operations/service.js";
import type { Principal } from "../principal.js";
import {
  createFactsReader,
  firstBlockNotHeld,
  isUnsettled,
  type Facts,
  type StateFacts,
  type Subject,
} from "./facts.js";
import { createKnownFacts } from "./known-facts.js";
import { managedAccountOf } from "./managed-account.js";
import { checkMoney, refusalOfMoney } from "./money.js";
import {
  checkDeadline,
  checkUnits,
  isTimely,
  receiverOf,
  refusalOfNonce,
  refusalOfState,
  unitsOf,
  type KindedIntentJson,
} from "./rules.js";

export type { KindedIntentJson } from "./rules.js";

/** What makes an intent the account's, once, and for a while; as in its JSON. */
export interface IntentTerms {
  readonly account: string;
  readonly nonce: string;
  readonly deadline: string;
}

/** Who asks in the name of a managed account, and for which. */
export interface ManagedRequest {
  readonly principal: Principal;
  /** The participant's only managed account when left out. */
  readonly account?: string | null | undefined;
  readonly idempotency: Idempotency | undefined;
}

/** The door for everything that a holder wants done: what passes is accepted, durably, and goes to the outbox. */
export interface Intents {
  /**
   * Accepts an intent that its account signed. The same intent again is the same operation.
   * @returns the operation's id: the intent's hash
   * @throws Problem when the intent is not valid, or the contracts would refuse it as things stand
   */
  acceptSigned(intent: KindedIntentJson, signature: string, idempotency: Idempotency | undefined): Promise<string>;
  /**
   * Signs, with the service's key of a managed account, and accepts.
   * @param complete Makes the intent out of its terms.
   * @throws Problem like `acceptSigned`, and `unauthorized`, `forbidden`, `signer-unavailable`
   */
  acceptManaged(request: ManagedRequest, complete: (terms: IntentTerms) => KindedIntentJson): Promise<string>;
}

/** What is to leave the exchange and is not known to the chain yet. */
export interface Departures {
  /** Keeps the amount back for the operation with this id. @throws Problem `position-insufficient` */
  begin(operationId: string, account: string, asset: string, amount: bigint): Promise<void>;
  /** The operation is accepted: the amount is kept back until it has ended. */
  follow(operationId: string): void;
  /** The operation was not accepted. */
  abandon(operationId: string): void;
}

export interface IntentsOptions {
  readonly db: Db;
  readonly operations: Pick<Operations, "accept" | "acceptNew">;
  readonly projector: Pick<Projector, "onAdvance">;
  readonly signers: Pick<Signers, "signerOf">;
  /** Asked only about accounts that are contracts. */
  readonly connection: Pick<Connection, "getCode" | "call">;
  readonly domain: IntentDomain;
  /** Address of the exchange. */
  readonly exchange: string;
  /** Promises what is to leave the exchange, before the request for it is accepted. */
  readonly departures?: Departures;
  /** Unix time in milliseconds; the clock when left out. */
  readonly now?: () => number;
}

/** How long an intent that the service signs is valid, in seconds. */
const MANAGED_LIFE_SECONDS = 3_600n;

export function createIntents(options: IntentsOptions): Intents {
  const { db, operations, signers, connection, domain, exchange, departures, now = Date.now } = options;
  const askFacts = createFactsReader(db);
  const known = createKnownFacts(options.projector);
  const seconds = (): bigint => BigInt(Math.floor(now() / 1_000));

  /** A source for each account whose key is kept here: nonces next to each other share a storage slot. */
  const nonceSources = new Map<string, () => bigint>();

  function nextNonceOf(account: string): string {
    const source = nonceSources.get(account) ?? createNonceSource();
    nonceSources.set(account, source);
    return source().toString();
  }

  async function readFacts(subject: Subject): Promise<Facts> {
    const facts = await askFacts(subject);
    known.remember(subject, facts);
    return facts;
  }

  async function acceptSigned(
    intent: KindedIntentJson,
    signature: string,
    idempotency: Idempotency | undefined,
  ): Promise<string> {
    const form = formOf(intent, domain);
    const signer = recoverSigner(form.hash, signature);
    const isOwn = signer === intent.json.account;
    if (isOwn && idempotency === undefined && (await acceptUsual(intent, form, signature))) return form.hash;

    const facts = await readFacts(form.subject);
    if (!isOwn) await checkWallet(connection, form, signature, signer, facts);
    if (facts.isAccepted) return form.hash;
    return admit(intent, form, facts, signature, idempotency);
  }

  /**
   * The short way of nearly all intents: new, signed by the account's key, and with nothing against it in what is known already. One
   * statement looks at the nonce and accepts.
   * @returns false when anything is in the way; the long way tells what.
   */
  async function acceptUsual(intent: KindedIntentJson, form: IntentForm, signature: string): Promise<boolean> {
    const units = unitsOf(intent);
    if (units === null || units.blocks.length > 0 || !isTimely(intent.json.deadline, seconds())) return false;
    const facts = known.of(form.subject);
    if (facts === undefined || refusalOfState(intent, facts, seconds(), exchange) !== undefined) return false;
    return operations.acceptNew(operationOf(intent, form, facts, signature), intent.json.nonce);
  }

  async function acceptManaged(
    { principal, account: asked, idempotency }: ManagedRequest,
    complete: (terms: IntentTerms) => KindedIntentJson,
  ): Promise<string> {
    const account = await managedAccountOf(db, principal, asked ?? null);
    const intent = complete({
      account,
      nonce: nextNonceOf(account),
      deadline: (seconds() + MANAGED_LIFE_SECONDS).toString(),
    });
    const form = formOf(intent, domain);

    const facts = await readFacts(form.subject);
    const signer = await signers.signerOf(account);
    return admit(intent, form, facts, await signer.signDigest(form.hash), idempotency);
  }

  async function admit(
    intent: KindedIntentJson,
    form: IntentForm,
    facts: Facts,
    signature: string,
    idempotency: Idempotency | undefined,
  ): Promise<string> {
    checkDeadline(intent.json.deadline, seconds());
    const lasting = refusalOfNonce(intent, form.hash, facts);
    if (lasting !== undefined) throw lasting;
    const passing = await refusalAsThingsStand(intent, form.subject, facts);
    if (passing !== undefined) throw passing;

    const operation = { ...operationOf(intent, form, facts, signature), idempotency };
    if (intent.kind !== "exchange-withdrawal" || departures === undefined) return operations.accept(operation);
    const { account, batch, amount } = intent.json;
    await departures.begin(form.hash, account, batch ?? "", BigInt(amount));
    try {
      const id = await operations.accept(operation);
      departures.follow(id);
      return id;
    } catch (error) {
      departures.abandon(form.hash);
      throw error;
    }
  }

  /**
   * An intent may well rest on one that is still under way, as a sale on a purchase: then nothing is refused here, and the contract
   * decides, in the order of acceptance. What was under way when the facts were read may have ended before it was looked for, so they
   * are read again before anything is refused.
   */
  async function refusalAsThingsStand(
    intent: KindedIntentJson,
    subject: Subject,
    facts: Facts,
  ): Promise<Problem | undefined> {
    if ((await refusalNow(intent, facts)) === undefined) return undefined;
    if (await isUnsettled(db, subject)) return undefined;
    return refusalNow(intent, await readFacts(subject));
  }

  async function refusalNow(intent: KindedIntentJson, facts: Facts): Promise<Problem | undefined> {
    const refusal = refusalOfState(intent, facts, seconds(), exchange) ?? (await refusalOfMoney(db, intent));
    const units = unitsOf(intent);
    if (refusal !== undefined || units === null || units.blocks.length === 0) return refusal;
    const block = await firstBlockNotHeld(db, units.account, units.batch, units.blocks);
    if (block === undefined) return undefined;
    const detail = `${units.account} does not hold the serials ${block.start} to ${block.end} of ${units.batch} in one block.`;
    const evidence = { account: units.account, batchId: units.batch, ...block };
    return new Problem("units-block-not-held", detail, { evidence });
  }

  return { acceptSigned, acceptManaged };
}

function operationOf(
  intent: KindedIntentJson,
  form: IntentForm,
  { holder }: StateFacts,
  signature: string,
): NewOperation {
  return {
    id: form.hash,
    kind: intent.kind,
    lane: "intents",
    account: intent.json.account,
    participantId: holder?.participantId ?? null,
    request: intent.json,
    payload: form.itemOf(signature),
    intentHash: form.hash,
  };
}

/** What follows from an intent alone. */
interface IntentForm {
  readonly hash: string;
  readonly subject: Subject;
  itemOf(signature: string): object;
}

function formOf(kinded: KindedIntentJson, domain: IntentDomain): IntentForm {
  const units = unitsOf(kinded);
  if (units !== null) checkUnits(units);
  checkMoney(kinded);
  const { hash, itemOf } = typedForm(kinded.kind, kinded.json, domain);
  const { account, nonce } = kinded.json;
  const subject = {
    hash,
    account,
    nonce,
    to: receiverOf(kinded),
    batch: units?.batch ?? null,
    revokedNonce: kinded.kind === "revocation" ? kinded.json.revokedNonce : null,
  };
  return { hash, subject, itemOf };
}

function typedForm<K extends IntentKind>(kind: K, json: IntentJsonByKind[K], domain: IntentDomain) {
  try {
    const intent = intentFromJson(kind, json);
    const itemOf = (signature: string): object => signedIntentItem(kind, intent, signature);
    return { hash: hashIntent(kind, intent, domain), itemOf };
  } catch (error) {
    if (error instanceof CodeError) throw new Problem("validation-failed", error.message, {}, { cause: error });
    throw error;
  }
}

/**
 * The signature is not the account's own: the account may be a contract that has its own idea of signatures.
 * @throws Problem `account-unknown`, `intent-signature-invalid`; ChainUnavailableError when nobody can be asked
 */
async function checkWallet(
  connection: Pick<Connection, "getCode" | "call">,
  { hash, subject: { account } }: IntentForm,
  signature: string,
  signer: string | null,
  facts: Facts,
): Promise<void> {
  // Strangers do not get to ask the chain.
  if (facts.holder === null) {
    throw new Problem("account-unknown", `${account}, the holder, is no account of a participant.`, {
      evidence: { account },
    });
  }
  if (await isWalletSignature(connection, account, hash, signature)) return;
  const detail =
    signer === null
      ? "The signature is malformed."
      : `The signature over ${hash} is that of ${signer}, not of ${account}: another key, another intent, or another chain.`;
  throw new Problem("intent-signature-invalid", detail, { evidence: { account, signer, intentHash: hash } });
}
