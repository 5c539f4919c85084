import { concat, getBytes, hexlify, Signature, toBeHex } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import type { IntentDomain } from "../../../src/chain/intents.js";
import { exchangeDomain, type Order, type SignedOrder, signOrder } from "../../../src/chain/orders.js";
import { encodeSettle, type Match, packMatches } from "../../../src/chain/settlement-call.js";
import { watch } from "../../support/attacks.js";
import { BUY, deployExchange, expectRefusals, FAR, namesOf, PRICE, SELL } from "../../support/exchange.js";

/** Order of the group of secp256k1. */
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const TERMS = { tonnes: 100n, minimumTonnes: 10n, limitPrice: PRICE, maximumFeeBasisPoints: 30n, nonce: 1n };

const stage = await deployExchange();
const { alice, bob, carol, batchId, unlisted: otherBatch, exchange, parts } = stage;
const { sign, orderOf, matchOf, settle } = stage;
await stage.listInstrument(otherBatch);
await stage.units.connect(alice).transfer(alice, bob, otherBatch, 1_000, []);
await stage.depositUnits(alice, otherBatch, 1_000);
await stage.depositUnits(bob, otherBatch, 1_000);
await stage.checkpoint();
const { expectHarmless, expectReverted } = watch(
  stage,
  [alice.address, bob.address, carol.address],
  [batchId, otherBatch],
);

beforeEach(() => stage.reset());

const signerOf = (account: string) => [alice, bob, carol].find(({ address }) => address === account)!;

/** The order against one that suits it exactly, honestly signed by a third party. */
async function metBy(victim: SignedOrder, role: "taker" | "maker"): Promise<Match> {
  const { order } = victim;
  const other = [bob, alice, carol].find(({ address }) => address !== order.account)!;
  const counterpart = await sign(other, { ...order, account: other.address, side: 1 - order.side, minimumTonnes: 0n });
  return role === "taker"
    ? matchOf(victim, counterpart, order.tonnes, order.limitPrice)
    : matchOf(counterpart, victim, order.tonnes, order.limitPrice);
}

/** What an order of Alice's or Bob's can be made to say instead. */
const ALTERED: readonly [string, Partial<Order>][] = [
  ["account", { account: carol.address }],
  ["batch", { batchId: otherBatch }],
  ["tonnes, up", { tonnes: 101n }],
  ["tonnes, down", { tonnes: 99n }],
  ["minimum, none", { minimumTonnes: 0n }],
  ["minimum, more", { minimumTonnes: 100n }],
  ["limit price, up", { limitPrice: PRICE + 1n }],
  ["limit price, down", { limitPrice: PRICE - 1n }],
  ["fee cap", { maximumFeeBasisPoints: 500n }],
  ["nonce", { nonce: 2n }],
  ["expiry, later", { expiresAt: FAR + 1n }],
  ["expiry, sooner", { expiresAt: FAR - 1n }],
];

describe("attacks on signed orders", () => {
  describe.each([
    ["a sale", SELL, alice],
    ["a buy", BUY, bob],
  ])("given %s", (_, side, owner) => {
    const genuine = (differences: Partial<Order> = {}) =>
      sign(owner, orderOf(owner, side, { ...TERMS, ...differences }));

    it.each(["taker", "maker"] as const)("should settle it as it is, as a %s: the rest has a meaning", async (role) => {
      expect(namesOf(await settle(await metBy(await genuine(), role)))).toEqual(["TradeSettled"]);
    });

    describe.each(["taker", "maker"] as const)("as a %s", (role) => {
      it.each([...ALTERED, ["side", { side: 1 - side }] as const])("should refuse another %s", async (__, altered) => {
        const { order, signature } = await genuine();
        const changed = { ...order, ...altered };

        const events = await expectHarmless(async () => settle(await metBy({ order: changed, signature }, role)));
        expectRefusals(events, ["signature-invalid", changed.account]);

        // Nothing but the signature was in the way.
        const honest = await sign(signerOf(changed.account), changed);
        expect(namesOf(await settle(await metBy(honest, role)))).toEqual(["TradeSettled"]);
      });

      it("should refuse a signature with any byte changed, and with any other v", async () => {
        const { order, signature } = await genuine();
        const bytes = getBytes(signature);
        const forgeries = [...bytes.keys()].map((index) => bytes.map((byte, i) => (i === index ? byte ^ 0x55 : byte)));
        const others = Array.from({ length: 230 }, (__, v) => v).filter((v) => v !== bytes[64]);
        forgeries.push(...others.map((v) => bytes.map((byte, i) => (i === 64 ? v : byte))));
        const match = await metBy({ order, signature }, role);

        // A hundred at a time: contracts that are instrumented for coverage need more gas.
        for (let start = 0; start < forgeries.length; start += 100) {
          const some = forgeries.slice(start, start + 100);
          const events = await expectHarmless(() => settle(...some.map((forged) => replaced(match, role, forged))));

          expect(events).toHaveLength(some.length);
          expectRefusals(events, ...some.map(() => pair(["signature-invalid", order.account])));
        }
      });

      it("should refuse a signature that is shorter, longer, compact, or the curve's other one", async () => {
        const { order, signature } = await genuine();
        const bytes = getBytes(signature);
        const { r, s, v, compactSerialized } = Signature.from(signature);
        const mirrored = concat([r, toBeHex(CURVE_ORDER - BigInt(s), 32), toBeHex(v === 27 ? 28 : 27)]);
        const forgeries = [
          ...[...bytes.keys()].map((length) => bytes.slice(0, length)),
          ...["0x00", "0xff", signature].map((more) => getBytes(concat([signature, more]))),
          getBytes(compactSerialized),
          getBytes(mirrored),
        ];
        const match = await metBy({ order, signature }, role);

        const events = await expectHarmless(() => settle(...forgeries.map((forged) => replaced(match, role, forged))));

        expectRefusals(events, ...forgeries.map(() => pair(["signature-invalid", order.account])));
      });

      it("should refuse one for another chain, another exchange, another name", async () => {
        const { order } = await genuine();
        const second = await stage.ethers.deployContract("Exchange", [
          stage.access,
          stage.participants,
          stage.units,
          stage.cash,
          stage.intents,
          1,
        ]);
        const { verifyingContract } = stage.orderDomain;
        const named = (differences: object): IntentDomain => ({ ...stage.orderDomain, ...differences });
        const domains = [
          exchangeDomain(stage.chainId + 1n, verifyingContract),
          exchangeDomain(stage.chainId, await second.getAddress()),
          exchangeDomain(stage.chainId, stage.intents.target as string),
          named({ name: "CarbonLedger2" }),
          named({ version: "2" }),
        ];
        for (const domain of domains) {
          const signature = await signOrder(owner, order, domain);
          const events = await expectHarmless(async () => settle(await metBy({ order, signature }, role)));
          expectRefusals(events, ["signature-invalid", order.account]);
        }
      });

      it("should not settle the same match twice, in one transaction or in two", async () => {
        const match = await metBy(await genuine(), role);
        expect(namesOf(await settle(match, match))).toEqual(["TradeSettled", "TradeFailed"]);
        await expectHarmless(() => settle(match));
        await expectHarmless(() => settle(match, match));
      });
    });

    it("should not fill it beyond its quantity, in one match, in several, in several transactions", async () => {
      const victim = await genuine();
      const counterpart = async (nonce: bigint) => {
        const order = { ...victim.order, account: carol.address, side: 1 - side, minimumTonnes: 0n, nonce };
        return sign(carol, order);
      };
      const fillOf = (maker: SignedOrder, tonnes: bigint) => ({ maker, tonnes, price: PRICE });
      const [first, second] = [await counterpart(1n), await counterpart(2n)];

      const one = await settle({ taker: victim, fills: [fillOf(first, 60n), fillOf(second, 41n)] });
      const several = await settle(matchOf(first, victim, 30n), matchOf(second, victim, 11n));

      expect(namesOf(one)).toEqual(["TradeSettled", "TradeFailed"]);
      expect(namesOf(several)).toEqual(["TradeSettled", "TradeFailed"]);
      await expectHarmless(() => settle(matchOf(second, victim, 11n)));
      expect(namesOf(await settle(matchOf(second, victim, 10n)))).toEqual(["TradeSettled"]);
      await expectHarmless(() => settle(matchOf(second, victim, 1n)));
    });

    it("should not settle it one unit beyond its limit", async () => {
      const match = await metBy(await genuine(), "taker");
      const price = side === BUY ? PRICE + 1n : PRICE - 1n;
      const fills = match.fills.map((fill) => ({ ...fill, price }));
      await expectHarmless(() => settle({ ...match, fills }));
    });
  });
});

describe("attacks on the packed matches", () => {
  const honest = async () =>
    getBytes(packMatches([matchOf(await stage.buy(bob, { minimumTonnes: 1n }), await stage.sell(alice))]));
  const send = (packed: Uint8Array) => exchange.connect(parts.operator).settle.staticCall(hexlify(packed));

  it("should refuse them cut off at any byte", async () => {
    const packed = await honest();
    await send(packed);

    for (const length of packed.keys()) {
      await expect(send(packed.slice(0, length)), `${length} bytes`).rejects.toThrow(
        /Exchange(Malformed|Empty)|revert/,
      );
    }
  });

  // What is cut short is read on as something else: then there is more than one way to be wrong.
  it.each([
    ["a side that is none", 32, [2], "ExchangeMalformed"],
    ["any other side", 32, [255], "ExchangeMalformed"],
    ["no fills", 33, [0, 0], undefined],
    ["a fill more than there are", 33, [0, 2], "ExchangeMalformed"],
    ["more fills than a transaction takes", 33, [1, 45], "ExchangeTooMany"],
    ["a signature that reaches beyond the end", 35 + 64, [255, 255], "ExchangeMalformed"],
    ["a signature that ends too soon", 35 + 64, [0, 64], undefined],
  ])("should refuse %s", async (_, position, bytes, error) => {
    const packed = await honest();
    packed.set(bytes, position);

    await expectReverted(() => send(packed), error);
  });

  it("should refuse what follows the last match, and what lies outside the argument", async () => {
    const match = matchOf(await stage.buy(bob), await stage.sell(alice));
    const packed = getBytes(packMatches([match]));
    await expectReverted(() => send(getBytes(concat([packed, "0x00"]))), "ExchangeMalformed");

    const data = getBytes(encodeSettle([match]));
    const length = 4 + 32 + 32 - 2;
    new DataView(data.buffer, data.byteOffset).setUint16(length, packed.length - 1);
    const attempt = () => parts.operator.sendTransaction({ to: exchange, data: hexlify(data), gasLimit: 1_000_000n });
    await expectReverted(attempt, "ExchangeMalformed");
  });
});

function replaced(match: Match, role: "taker" | "maker", forged: Uint8Array): Match {
  const signature = hexlify(forged);
  if (role === "taker") return { ...match, taker: { ...match.taker, signature } };
  return { ...match, fills: match.fills.map((fill) => ({ ...fill, maker: { ...fill.maker, signature } })) };
}

function pair(refusal: readonly ["signature-invalid", string]): ["signature-invalid", string] {
  return [...refusal];
}
