import { randomBytes } from "node:crypto";
import { Option, type Command } from "commander";

import type { Client } from "../client/client.js";
import { createFirm, type Firm, type IntentTerms, type SignedIntent } from "../client/firm.js";
import type { SignedBody, WriteOptions } from "../client/requests.js";
import type { Operation } from "../client/types.js";
import { perform, tellPlan, withAct, type Act, type ActOptions } from "./acts.js";
import { address, duration, wholeNumber } from "./arguments.js";
import { CliError } from "./errors.js";
import type { Io } from "./io.js";
import { findKeystore, passwordOf, unlock, withPassword, type PasswordOptions } from "./keystores.js";
import { clientOf } from "./lists.js";
import { fieldLines, type Field } from "./table.js";
import { createWording, type Wording } from "./wording.js";

/** Who signs: a key of this machine, or the service for an account that it manages. */

export interface HolderOptions extends PasswordOptions {
  readonly signWith?: string;
  readonly account?: string;
}

export interface SigningOptions extends HolderOptions, ActOptions {
  readonly nonce?: bigint;
  readonly deadline?: bigint;
  readonly validFor: bigint;
}

export function withHolder(command: Command): Command {
  return withPassword(
    command
      .option("--sign-with <key>", "name or address of the key that signs here (CARBON_SIGN_WITH, profile)")
      .option("--account <address>", "the account that acts, when the service keeps several for you", address),
  );
}

/** Adds what every command understands that signs an intent. */
export function withSigning(command: Command): Command {
  return withHolder(withAct(command))
    .option("--nonce <number>", "of an earlier try, to ask for the same again", wholeNumber)
    .option("--deadline <seconds>", "Unix time after which it is void, of an earlier try", wholeNumber)
    .addOption(
      new Option("--valid-for <time>", "how long it may take to arrive").argParser(duration).default(3_600n, "1h"),
    );
}

export interface OwnHolder {
  readonly isOwn: true;
  readonly address: string;
  /** Makes everything but the signature: what it "signs" is worth nothing. */
  readonly preview: Firm;
  /** Asks for the password. */
  readonly unlock: () => Promise<Firm>;
}

export type Holder = OwnHolder | { readonly isOwn: false; readonly account?: string };

/** @throws CliError when the key is not there or is another account's */
export async function holderOf(io: Io, client: Client, options: HolderOptions): Promise<Holder> {
  const asked = options.signWith ?? io.signWith;
  const account = options.account === undefined ? {} : { account: options.account };
  if (asked === undefined) {
    if (io.key !== undefined) return { isOwn: false, ...account };
    throw new CliError(
      "Nobody is there to sign: --sign-with names a key of this machine (carbon keys list), an API key (--key) lets the service sign for an account that it keeps.",
    );
  }
  const keystore = await findKeystore(io.env, asked);
  const open = async () => unlock(keystore, await passwordOf(io, options, `Password of the key ${keystore.name}`));
  const early = keystore.address === null ? await open() : undefined;
  const own = keystore.address ?? early?.address ?? "";
  if (options.account !== undefined && options.account.toLowerCase() !== own.toLowerCase()) {
    throw new CliError(`The key ${keystore.name} is that of ${own}, not of ${options.account}.`);
  }
  return {
    isOwn: true,
    address: own,
    preview: createFirm({ client, signer: { address: own, signTypedData: async () => "0x" } }),
    unlock: async () => createFirm({ client, signer: early ?? (await open()) }),
  };
}

/** An act of a holder that becomes an operation. */
export interface IntentAct<Input> {
  readonly title: string;
  readonly kind: string;
  readonly fields: (wording: Wording) => Promise<readonly Field[]>;
  readonly sign: (firm: Firm, terms: IntentTerms) => Promise<SignedIntent>;
  /** What the service is asked to sign, for an account that it keeps. */
  readonly input: Input;
  readonly send: (client: Client, body: Input | SignedBody, options: WriteOptions) => Promise<Operation>;
  readonly hint?: Act["hint"];
  /** What else the same command needs, to ask for the same again. */
  readonly again?: string;
}

/** Says in words what is to be signed, signs it (here or there), sends it, and follows it to its end. */
export async function performIntent<Input>(io: Io, options: SigningOptions, act: IntentAct<Input>): Promise<void> {
  const client = clientOf(io);
  const holder = await holderOf(io, client, options);
  const wording = createWording(client);
  const fields = await act.fields(wording);
  const { title, hint } = act;
  if (!holder.isOwn) return performManaged(io, options, act, holder.account, fields);

  const terms = termsOf(options);
  const { intent, hash } = await act.sign(holder.preview, terms);
  const said: Field[] = [
    ["signed by", await wording.account(holder.address)],
    ...fields,
    ["valid until", io.format.unixTime(terms.deadline)],
    ["nonce", String(terms.nonce)],
    ["EIP-712 hash", hash],
  ];
  if (options.dryRun === true) {
    tellPlan(io, title, said, { kind: act.kind, intent, hash });
    return;
  }
  tellBefore(io, title, said);
  const firm = await holder.unlock();
  const signed = await act.sign(firm, terms);
  if (signed.hash !== hash) throw new CliError("What was to be signed is not what was shown: nothing was sent.");
  await perform(io, options, {
    title,
    fields: said,
    again: `--nonce ${terms.nonce} --deadline ${terms.deadline}${act.again === undefined ? "" : ` ${act.again}`}`,
    send: (to, write) => act.send(to, { intent: signed.intent, signature: signed.signature }, write),
    ...(hint === undefined ? {} : { hint }),
  });
}

async function performManaged<Input>(
  io: Io,
  options: SigningOptions,
  { title, kind, input, send, hint }: IntentAct<Input>,
  account: string | undefined,
  fields: readonly Field[],
): Promise<void> {
  const request = { ...input, ...(account === undefined ? {} : { account }) };
  const signer: Field = ["signed by", `the service, with the key that it keeps for ${account ?? "you"}`];
  await perform(io, options, {
    title,
    fields: [signer, ...fields],
    plan: { kind, request },
    send: (client, write) => send(client, request, write),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What is about to be signed, beside the answer: entering the password after it is the consent. */
export function tellBefore(io: Io, title: string, fields: readonly Field[]): void {
  for (const line of [title, ...fieldLines(fields)]) io.note(line);
}

function termsOf({ nonce, deadline, validFor }: SigningOptions): Required<IntentTerms> {
  return {
    nonce: nonce ?? randomNonce(),
    deadline: deadline ?? BigInt(Math.floor(Date.now() / 1000)) + validFor,
  };
}

/** 256 random bits: no two commands meet, on however many machines. */
export function randomNonce(): bigint {
  return BigInt(`0x${randomBytes(32).toString("hex")}`);
}
