import type { Client } from "../client/client.js";
import type { OrderInput, SignedOrderOnly } from "../client/market-requests.js";
import { judged, tellPlan } from "./acts.js";
import { CliError } from "./errors.js";
import type { Io } from "./io.js";
import { clientOf } from "./lists.js";
import { holderOf, tellBefore, type HolderOptions } from "./signing.js";
import type { Field } from "./table.js";
import { createWording } from "./wording.js";

/** Something that is said by an order: the offer of an auction, or a bid. */
export interface OrderAct<Managed extends object, Answer> {
  readonly title: string;
  readonly fields: readonly Field[];
  readonly input: OrderInput;
  readonly sendSigned: (client: Client, order: SignedOrderOnly) => Promise<Answer>;
  /** What the service is asked to sign, for an account that it keeps. */
  readonly managed: Managed;
  readonly sendManaged: (client: Client, body: Managed & { readonly account?: string }) => Promise<Answer>;
  /** How to find out what became of it, when the answer was lost and it has no nonce. */
  readonly look: string;
  readonly tell: (answer: Answer) => void;
}

export interface OrderSigning extends HolderOptions {
  readonly nonce?: bigint;
  readonly dryRun?: true;
}

/** Says in words what is to be signed, signs it, here or there, and sends it. */
export async function sendOrder<Managed extends object, Answer>(
  io: Io,
  options: OrderSigning,
  act: OrderAct<Managed, Answer>,
): Promise<void> {
  const { title, fields, input, look, tell } = act;
  const client = clientOf(io);
  const holder = await holderOf(io, client, options);
  const again = (nonce: bigint): string => `The same command with --nonce ${nonce} cannot do it twice.`;
  if (!holder.isOwn) {
    const { account } = holder;
    const body = { ...act.managed, ...(account === undefined ? {} : { account }) };
    const signer: Field = ["signed by", `the service, with the key that it keeps for ${account ?? "you"}`];
    if (options.dryRun === true) {
      tellPlan(io, title, [signer, ...fields], { request: body });
      return;
    }
    const advice = options.nonce === undefined ? look : again(options.nonce);
    return judged(io, advice, async () => tell(await act.sendManaged(client, body)));
  }
  const nonce = options.nonce ?? BigInt((await client.orders.nextNonce(holder.address, input.batch)).nonce);
  const { order, hash: id } = await holder.preview.sign.order(input, { nonce });
  const said: Field[] = [
    ["signed by", await createWording(client).account(holder.address)],
    ...fields,
    ["may settle until", io.format.unixTime(BigInt(input.expiresAt ?? 0n))],
    ["nonce", String(nonce)],
    ["EIP-712 hash", id],
  ];
  if (options.dryRun === true) {
    tellPlan(io, title, said, { order, hash: id });
    return;
  }
  tellBefore(io, title, said);
  const signed = await (await holder.unlock()).sign.order(input, { nonce });
  if (signed.hash !== id) throw new CliError("What was to be signed is not what was shown: nothing was sent.");
  await judged(io, again(nonce), async () =>
    tell(await act.sendSigned(client, { order: signed.order, signature: signed.signature })),
  );
}

const DAY = 86_400;

/** Unix time until which the trades of an auction may settle: a day after it closes. The same for the same auction, whenever it is asked. */
export function settlementEnd(closesAt: string): bigint {
  return BigInt(Math.floor(Date.parse(closesAt) / 1000) + DAY);
}
