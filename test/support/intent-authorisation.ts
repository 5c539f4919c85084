import { AbiCoder, getAddress, getBytes, hexlify, Signature, toBeHex, Wallet } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";

import { INTENT_KINDS, type IntentKind } from "../../src/chain/event-types.js";
import {
  hashIntent,
  INTENT_TYPE_NAMES,
  INTENT_TYPES,
  intentDomain,
  signIntent,
  type IntentByKind,
} from "../../src/chain/intents.js";
import { deployIntents, deployWallet, EXECUTE, MANNER, sampleIntent, type IntentsFixture } from "./intents.js";
import { eventsOf, expectRevert } from "./revert.js";

type Intent = IntentByKind[IntentKind];

const GROUP_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** What every signed act has in common, whatever it does: the tests of the authority behind it. */
export function describeAuthorisation(kind: IntentKind): void {
  let fixture: IntentsFixture;

  beforeAll(async () => {
    fixture = await deployIntents();
  });

  const sign = (intent: Intent) => signIntent(fixture.holder, kind, intent, fixture.domain);
  const execute = async (intent: Intent, signature: string) => {
    const transaction = await fixture.intents.getFunction(EXECUTE[kind])(intent, signature);
    return transaction.wait();
  };
  const expectInvalid = (intent: Intent, signature: string) =>
    expectRevert(execute(intent, signature), fixture.intents, "IntentsSignatureInvalid", [getAddress(intent.account)]);

  describe("given a signature of the holder's key", () => {
    it("should execute for any relayer, use up the nonce and emit the digest", async () => {
      const intent = sampleIntent(fixture, kind);
      const receipt = await execute(intent, await sign(intent));

      const executed = eventsOf(receipt, fixture.intents).find(({ name }) => name === "IntentExecuted");
      expect(executed?.args).toEqual([
        hashIntent(kind, intent, fixture.domain),
        intent.account,
        intent.nonce,
        BigInt(INTENT_KINDS.indexOf(kind)),
      ]);
      expect(await fixture.intents.isNonceUsed(intent.account, intent.nonce)).toBe(true);
      expect(await fixture.intents.isNonceUsed(intent.account, intent.nonce + 1n)).toBe(false);
      expect(await fixture.intents.isNonceUsed(fixture.stranger.address, intent.nonce)).toBe(false);
    });

    it("should refuse the intent a second time", async () => {
      const intent = sampleIntent(fixture, kind);
      const signature = await sign(intent);
      await execute(intent, signature);

      const evidence = [intent.account, intent.nonce];
      await expectRevert(execute(intent, signature), fixture.intents, "IntentsNonceUsed", evidence);
    });

    it("should refuse another intent with a used nonce", async () => {
      const first = sampleIntent(fixture, kind);
      await execute(first, await sign(first));
      const second = { ...sampleIntent(fixture, kind), nonce: first.nonce };

      await expectRevert(execute(second, await sign(second)), fixture.intents, "IntentsNonceUsed");
    });

    it("should take nonces in any order, from the whole range", async () => {
      for (const nonce of [(1n << 256n) - 1n, 1n << 255n, (1n << 255n) + 255n, 0n]) {
        const intent = { ...sampleIntent(fixture, kind), nonce };
        await execute(intent, await sign(intent));
      }
    });

    it("should refuse what the holder revoked", async () => {
      const intent = sampleIntent(fixture, kind);
      const revocation = { ...sampleIntent(fixture, "revocation"), revokedNonce: intent.nonce };
      const signature = await signIntent(fixture.holder, "revocation", revocation, fixture.domain);
      await fixture.intents.executeRevocation(revocation, signature);

      await expectRevert(execute(intent, await sign(intent)), fixture.intents, "IntentsNonceUsed");
    });

    it("should execute in the very second of the deadline, and not one later", async () => {
      const block = await fixture.ethers.provider.getBlock("latest");
      const next = BigInt(block?.timestamp ?? 0) + 10n;

      const onTime = { ...sampleIntent(fixture, kind), deadline: next };
      await fixture.ethers.provider.send("evm_setNextBlockTimestamp", [toBeHex(next)]);
      await execute(onTime, await sign(onTime));

      const late = { ...sampleIntent(fixture, kind), deadline: next };
      await fixture.ethers.provider.send("evm_setNextBlockTimestamp", [toBeHex(next + 1n)]);
      const evidence = [next, next + 1n];
      await expectRevert(execute(late, await sign(late)), fixture.intents, "IntentsExpired", evidence);
    });
  });

  describe("given an intent that was altered after signing", () => {
    it.each(alterations(kind))("should refuse another $path", async ({ alter }) => {
      const intent = sampleIntent(fixture, kind);
      const signature = await sign(intent);
      const altered = structuredClone(intent);
      alter(altered as unknown as Record<string, unknown>);
      expect(altered).not.toEqual(intent);

      await expectInvalid(altered, signature);
    });
  });

  describe("given a signature for something else", () => {
    it("should refuse another key's", async () => {
      const intent = sampleIntent(fixture, kind);
      const stranger = new Wallet(Wallet.createRandom().privateKey);
      await expectInvalid(intent, await signIntent(stranger, kind, intent, fixture.domain));
    });

    it("should refuse a foreign chain's", async () => {
      const intent = sampleIntent(fixture, kind);
      const foreign = intentDomain(fixture.chainId + 1n, fixture.domain.verifyingContract);
      await expectInvalid(intent, await signIntent(fixture.holder, kind, intent, foreign));
    });

    it("should refuse another contract's", async () => {
      const intent = sampleIntent(fixture, kind);
      const other = intentDomain(fixture.chainId, await fixture.units.getAddress());
      await expectInvalid(intent, await signIntent(fixture.holder, kind, intent, other));
    });

    it.each(INTENT_KINDS.filter((other) => other !== kind))("should refuse that of a %s", async (other) => {
      const intent = sampleIntent(fixture, kind);
      const otherIntent = { ...sampleIntent(fixture, other), nonce: intent.nonce };
      await expectInvalid(intent, await signIntent(fixture.holder, other, otherIntent, fixture.domain));
    });
  });

  describe("given a malformed signature", () => {
    it.each([
      ["nothing", () => "0x"],
      ["the 64-byte form", (signature: string) => Signature.from(signature).compactSerialized],
      ["a byte too many", (signature: string) => `${signature}00`],
      ["v as a parity", (signature: string) => `${signature.slice(0, 130)}00`],
      ["the other v", (signature: string) => signature.slice(0, 130) + (signature.endsWith("1b") ? "1c" : "1b")],
      ["zeros", () => `0x${"00".repeat(65)}`],
      ["the twin with a high s", highTwin],
    ])("should refuse %s", async (_, malform) => {
      const intent = sampleIntent(fixture, kind);
      await expectInvalid(intent, malform(await sign(intent)));
    });

    it("should refuse the zero account", async () => {
      const intent = { ...sampleIntent(fixture, kind), account: `0x${"00".repeat(20)}` };
      await expectInvalid(intent, `0x${"00".repeat(64)}1b`);
    });
  });

  describe("given a contract wallet (ERC-1271)", () => {
    it("should execute what the wallet accepts", async () => {
      const wallet = await deployWallet(fixture);
      const intent = { ...sampleIntent(fixture, kind), account: await wallet.getAddress() };

      await execute(intent, await sign(intent));
      expect(await fixture.intents.isNonceUsed(wallet, intent.nonce)).toBe(true);
    });

    it("should refuse another key's signature", async () => {
      const wallet = await deployWallet(fixture, fixture.stranger.address);
      const intent = { ...sampleIntent(fixture, kind), account: await wallet.getAddress() };
      await expectInvalid(intent, await sign(intent));
    });

    it.each(["reverting", "burningGas", "bombing", "denying"] as const)(
      "should refuse when it is %s",
      async (manner) => {
        const wallet = await deployWallet(fixture);
        await wallet.setManners(MANNER[manner], MANNER.proper);
        const intent = { ...sampleIntent(fixture, kind), account: await wallet.getAddress() };
        await expectInvalid(intent, await sign(intent));
      },
    );

    it("should refuse a contract that is no wallet", async () => {
      const intent = { ...sampleIntent(fixture, kind), account: await fixture.units.getAddress() };
      await expectInvalid(intent, await sign(intent));
    });
  });
}

/** The same signature to the mathematics, with s on the other side of the group order. */
function highTwin(signature: string): string {
  const { r, s, yParity } = Signature.from(signature);
  const twin = GROUP_ORDER - BigInt(s);
  return AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [r, twin]) + (yParity === 0 ? "1c" : "1b");
}

interface Alteration {
  path: string;
  alter: (intent: Record<string, unknown>) => void;
}

/** One change for each member of the intent, in any depth; blocks are also added and taken away. */
function alterations(kind: IntentKind): Alteration[] {
  return alterationsOf(kind, INTENT_TYPE_NAMES[kind], (intent) => intent, "");
}

function alterationsOf(
  kind: IntentKind,
  type: string,
  locate: (intent: Record<string, unknown>) => Record<string, unknown>,
  prefix: string,
): Alteration[] {
  return (INTENT_TYPES[kind][type] ?? []).flatMap(({ name, type: memberType }) => {
    const path = `${prefix}${name}`;
    if (memberType === "SerialBlock[]") return blockAlterations(locate, path);
    if (INTENT_TYPES[kind][memberType] !== undefined) {
      const deeper = (intent: Record<string, unknown>) => locate(intent)[name] as Record<string, unknown>;
      return alterationsOf(kind, memberType, deeper, `${path}.`);
    }
    const alter = (intent: Record<string, unknown>) => {
      const owner = locate(intent);
      owner[name] = altered(owner[name]);
    };
    return [{ path, alter }];
  });
}

function blockAlterations(
  locate: (intent: Record<string, unknown>) => Record<string, unknown>,
  path: string,
): Alteration[] {
  const change = (what: string, edit: (blocks: { start: bigint; end: bigint }[]) => void): Alteration => ({
    path: `${path} (${what})`,
    alter: (intent) => {
      edit(locate(intent).blocks as { start: bigint; end: bigint }[]);
    },
  });
  return [
    change("one more", (blocks) => blocks.push({ start: 9n, end: 9n })),
    change("one less", (blocks) => blocks.pop()),
    change("none", (blocks) => blocks.splice(0)),
    change("another order", (blocks) => blocks.reverse()),
    change("another start", ([block]) => (block!.start += 1n)),
    change("another end", ([, block]) => (block!.end += 1n)),
  ];
}

/** Another value of the same type. Numbers go down when they are odd, so that an enum stays within its members. */
function altered(value: unknown): unknown {
  if (typeof value === "bigint") return value ^ 1n;
  if (typeof value === "number") return value ^ 1;
  if (typeof value === "string" && /^0x([0-9a-fA-F]{2})+$/.test(value)) {
    const bytes = getBytes(value);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    return hexlify(bytes);
  }
  return `${String(value)}.`;
}
