import { Wallet } from "ethers";

import { dayNumber, encodeCode } from "../chain/codes.js";
import type { IntentKind } from "../chain/event-types.js";
import { intentFromJson, type IntentJsonByKind } from "../chain/intent-json.js";
import { hashIntent, intentDomain, signIntent, type TypedDataSigner } from "../chain/intents.js";
import { createNonceSource } from "../chain/nonces.js";
import { hashStatement, signStatement, statementDomain } from "../chain/statement.js";
import type { Client } from "./client.js";
import {
  cancellationBody,
  retirementBody,
  revocationBody,
  toDecimal,
  transferBody,
  type Terms,
} from "./intent-bodies.js";
import type {
  CancellationInput,
  RetirementInput,
  RevocationInput,
  SignedBody,
  StatementInput,
  TransferInput,
  WriteOptions,
} from "./requests.js";
import { createTrading, domainOfExchange } from "./trading.js";
import type { CancellationResult, RetirementResult, RevocationResult, TransferResult } from "./results.js";
import type { Chain } from "./chain-types.js";
import type { Address, Hash, Operation } from "./types.js";

/** Whoever signs for the firm: an ethers wallet, a hardware module, a remote signer. */
export interface FirmSigner extends TypedDataSigner {
  /** EIP-55. */
  readonly address: Address;
}

export type KeyChoice = { readonly privateKey: string } | { readonly signer: FirmSigner };
export type FirmOptions = KeyChoice & { readonly client: Client };

/** What a firm may fix about an intent. Left out: a nonce that was never used, and one hour. */
export interface IntentTerms {
  readonly nonce?: bigint;
  /** Unix time, in seconds, after which the intent is void. */
  readonly deadline?: bigint;
}

export type IntentOptions = IntentTerms & WriteOptions;

/** Ready to be sent, by anyone, once: with `client.intents.send`, or the `create` of its kind. Keep it, and it can be sent again safely. */
export interface SignedIntent<Kind extends IntentKind = IntentKind> extends SignedBody {
  readonly kind: Kind;
  /** The EIP-712 digest: also the id of the operation that it becomes. */
  readonly hash: Hash;
}

export type Firm = ReturnType<typeof createFirm>;
export type Verifier = ReturnType<typeof createVerifier>;

const DEFAULT_LIFE_SECONDS = 3600;

/** A firm with its own key: signs here, sends only the signature. Nobody can do for it what it did not sign. */
export function createFirm(options: FirmOptions) {
  const { client } = options;
  const signer = signerOf(options);
  const chain = once(() => client.chain.get());
  const nextNonce = createNonceSource();

  function complete(terms: IntentTerms = {}): Terms {
    return {
      account: signer.address,
      nonce: terms.nonce ?? nextNonce(),
      deadline: terms.deadline ?? BigInt(Math.floor(Date.now() / 1000) + DEFAULT_LIFE_SECONDS),
    };
  }

  async function sign<K extends IntentKind>(kind: K, json: IntentJsonByKind[K]): Promise<SignedIntent<K>> {
    const intent = intentFromJson(kind, json);
    const { chainId, contracts } = await chain();
    const domain = intentDomain(BigInt(chainId), requireAddress(contracts, "intents"));
    const signature = await signIntent(signer, kind, intent, domain);
    return { kind, intent: { ...json }, signature, hash: hashIntent(kind, intent, domain) };
  }

  const signed = {
    transfer: async (input: TransferInput, terms?: IntentTerms) =>
      sign("transfer", transferBody(input, complete(terms))),
    retirement: async (input: RetirementInput, terms?: IntentTerms) =>
      sign("retirement", retirementBody(input, complete(terms))),
    cancellation: async (input: CancellationInput, terms?: IntentTerms) =>
      sign("cancellation", cancellationBody(input, complete(terms))),
    revocation: async (input: RevocationInput, terms?: IntentTerms) =>
      sign("revocation", revocationBody(input, complete(terms))),
  };

  const { sign: signedTrading, ...trading } = createTrading({
    client,
    signer,
    complete,
    sign,
    domain: async () => {
      const { chainId, contracts } = await chain();
      return domainOfExchange(chainId, requireAddress(contracts, "exchange"));
    },
  });

  return {
    address: signer.address,
    ...trading,
    /** Signs without sending. */
    sign: { ...signed, ...signedTrading },
    transfer: async (input: TransferInput, o?: IntentOptions): Promise<Operation<TransferResult>> =>
      client.transfers.create(bodyOf(await signed.transfer(input, o)), o),
    retire: async (input: RetirementInput, o?: IntentOptions): Promise<Operation<RetirementResult>> =>
      client.retirements.create(bodyOf(await signed.retirement(input, o)), o),
    cancel: async (input: CancellationInput, o?: IntentOptions): Promise<Operation<CancellationResult>> =>
      client.cancellations.create(bodyOf(await signed.cancellation(input, o)), o),
    /** Makes another intent of this account void, if it was not executed yet. */
    revoke: async (input: RevocationInput, o?: IntentOptions): Promise<Operation<RevocationResult>> =>
      client.revocations.create(bodyOf(await signed.revocation(input, o)), o),
  };
}

/** A verification body with its own key. */
export function createVerifier(options: FirmOptions) {
  const { client } = options;
  const signer = signerOf(options);
  const chain = once(() => client.chain.get());

  async function sign(input: StatementInput) {
    const { chainId, contracts } = await chain();
    const domain = statementDomain(BigInt(chainId), requireAddress(contracts, "registry"));
    const verifiedTonnes = toDecimal(input.verifiedTonnes);
    const onChain = {
      projectCode: encodeCode(input.projectCode),
      periodStart: dayNumber(input.periodStart),
      periodEnd: dayNumber(input.periodEnd),
      verifiedTonnes: BigInt(verifiedTonnes),
      reportHash: input.reportHash,
      verifier: signer.address,
    };
    const signature = await signStatement(signer, onChain, domain);
    const statement = { ...input, verifiedTonnes, verifier: signer.address };
    return { statement, signature, statementId: hashStatement(onChain, domain) };
  }

  return {
    address: signer.address,
    /** Signs without sending. `statementId` is what the ledger will call it. */
    signStatement: sign,
    record: async (input: StatementInput, o?: WriteOptions): Promise<Operation> => {
      const { statement, signature } = await sign(input);
      return client.statements.record({ statement, signature }, o);
    },
  };
}

function bodyOf({ intent, signature }: SignedIntent): SignedBody {
  return { intent, signature };
}

function signerOf(options: KeyChoice): FirmSigner {
  return "signer" in options ? options.signer : new Wallet(options.privateKey);
}

function requireAddress(contracts: Chain["contracts"], name: string): Address {
  const address = contracts[name];
  if (address === undefined) throw new Error(`The service names no contract "${name}"`);
  return address;
}

/** Asks once, and again only after a failure. */
function once<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let asked: Promise<Value> | undefined;
  return () => {
    asked ??= ask().catch((error: unknown) => {
      asked = undefined;
      throw error;
    });
    return asked;
  };
}
