import { readFileSync } from "node:fs";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { describe, expect, it } from "vitest";

import { readRlpList, rlpInteger, rlpList, rlpString } from "../../../src/chain/rlp.js";
import { validatorsOf } from "../../../src/proofs/qbft.js";
import { bytesOf, hexOf, Rejection } from "../../../src/verify/bytes.js";
import { qbftOf, readHeader } from "../../../src/verify/header.js";
import { sealedHash } from "../../../src/verify/seals.js";
import { recoverSealer } from "../../../src/verify/signature.js";
import type { TrustFile } from "../../../src/verify/types.js";
import { VECTORS } from "../../support/vectors.js";

interface QbftVectors {
  readonly header: {
    readonly rlp: string;
    readonly number: string;
    readonly timestamp: string;
    readonly stateRoot: string;
    readonly signedHash: string;
    readonly validators: readonly string[];
    readonly sealers: readonly string[];
  };
  readonly extraData: {
    readonly rlp: string;
    readonly vanity: string;
    readonly validators: readonly string[];
    readonly voteFor: string;
    readonly round: string;
    readonly seals: readonly string[];
  };
}

const { header: real, extraData } = JSON.parse(readFileSync("test/vectors/qbft.json", "utf8")) as QbftVectors;
const EXTRA_DATA = 12;
const EMPTY = rlpList([]);

const trusting = (validators: readonly string[]): TrustFile => ({ ...VECTORS.trust, validators });
const trust = trusting(real.validators);

/** The block's hash, or the code of the refusal. */
function judge(header: Uint8Array, believed = trust): string {
  try {
    return sealedHash(readHeader(header), { kind: "validators" }, believed, null);
  } catch (error) {
    if (error instanceof Rejection) return error.code;
    if (error instanceof RangeError) return "header-mismatch";
    throw error;
  }
}

/** The real header with other extra data: its five parts, encoded. */
function withExtra(change: (parts: Uint8Array[]) => Uint8Array[]): Uint8Array {
  const fields = readRlpList(bytesOf(real.rlp));
  const parts = readRlpList(fields[EXTRA_DATA]!.content).map(({ encoded }) => encoded);
  const extra = rlpString(rlpList(change(parts)));
  return rlpList(fields.map(({ encoded }, at) => (at === EXTRA_DATA ? extra : encoded)));
}

describe("A header that four Besu validators sealed in round 1", () => {
  const header = readHeader(bytesOf(real.rlp));

  it("should be read as it was published", () => {
    expect([header.number, header.timestamp, hexOf(header.stateRoot)]).toEqual([
      BigInt(real.number),
      BigInt(real.timestamp),
      real.stateRoot,
    ]);
    const { signedHash, seals } = qbftOf(header);
    expect(hexOf(signedHash)).toBe(real.signedHash);
    expect(seals.map((seal) => recoverSealer(signedHash, seal, seal[64]!))).toEqual(real.sealers);
    expect(validatorsOf(hexOf(readRlpList(bytesOf(real.rlp))[EXTRA_DATA]!.content))).toEqual(real.validators);
  });

  it("should be vouched for by three of four, under the hash that knows of no round and no seals", () => {
    const bare = withExtra(([vanity, validators, vote]) => [vanity!, validators!, vote!, rlpInteger(0n), EMPTY]);
    expect(judge(bytesOf(real.rlp))).toBe(hexOf(keccak_256(bare)));
  });

  it("should not be of another round: who sealed after a round change sealed that round", () => {
    for (const round of [0n, 2n, 300n]) {
      const other = withExtra(([vanity, validators, vote, , seals]) => [
        vanity!,
        validators!,
        vote!,
        rlpInteger(round),
        seals!,
      ]);
      expect(judge(other)).toBe("signature");
    }
  });

  it("should not be vouched for by two, nor by one twice", () => {
    const sealsOf = (choose: (seals: Uint8Array[]) => Uint8Array[]) =>
      withExtra(([vanity, validators, vote, round, seals]) => [
        vanity!,
        validators!,
        vote!,
        round!,
        rlpList(choose(readRlpList(seals!).map(({ encoded }) => encoded))),
      ]);
    expect(judge(sealsOf((seals) => seals))).toMatch(/^0x/);
    expect(judge(sealsOf((seals) => seals.slice(1)))).toBe("quorum");
    expect(judge(sealsOf(([a, b]) => [a!, b!, b!]))).toBe("quorum");
    expect(judge(sealsOf(() => []))).toBe("quorum");
  });

  it("should be judged by the validators of the trust file, not by those whom it names", () => {
    const [sealer, ...others] = real.validators;
    const stranger = `0x${"77".repeat(20)}`;
    expect(judge(bytesOf(real.rlp), trusting([...others, stranger]))).toBe("signature");
    // The one who did not seal has left: the three that did are enough of three, or of four with another.
    const stayed = real.validators.filter((one) => real.sealers.includes(one));
    expect(judge(bytesOf(real.rlp), trusting(stayed))).toMatch(/^0x/);
    expect(judge(bytesOf(real.rlp), trusting([...stayed, stranger]))).toMatch(/^0x/);
    // Of five, four are needed; one alone of those who sealed is not all who sealed.
    expect(judge(bytesOf(real.rlp), trusting([...real.validators, stranger]))).toBe("quorum");
    expect(judge(bytesOf(real.rlp), trusting([sealer!]))).toBe("quorum");
    const claimed = withExtra(([vanity, , vote, round, seals]) => [
      vanity!,
      rlpList([rlpString(bytesOf(stranger))]),
      vote!,
      round!,
      seals!,
    ]);
    expect(judge(claimed)).toBe("signature");
  });

  it("should be refused with a byte changed, wherever it is", () => {
    const bytes = bytesOf(real.rlp);
    const accepted: number[] = [];
    for (let at = 0; at < bytes.length; at += 3) {
      // A seal's r, s or parity, too: whoever it becomes is no validator.
      bytes[at]! ^= 1 << (at % 8);
      if (judge(bytes).startsWith("0x")) accepted.push(at);
      bytes[at]! ^= 1 << (at % 8);
    }
    expect(accepted).toEqual([]);
  });
});

describe("Extra data as Besu's own tests have it", () => {
  const vote = (kind: Uint8Array) => rlpList([rlpString(bytesOf(extraData.voteFor)), rlpString(kind)]);
  const encode = (votes: Uint8Array, round: Uint8Array) =>
    rlpList([
      rlpString(bytesOf(extraData.vanity)),
      rlpList(extraData.validators.map((one) => rlpString(bytesOf(one)))),
      votes,
      round,
      rlpList(extraData.seals.map((seal) => rlpString(bytesOf(seal)))),
    ]);
  const add = vote(Uint8Array.of(0xff));
  const read = (extra: Uint8Array) => qbftOf(readHeader(withExtra(() => readRlpList(extra).map((one) => one.encoded))));

  it("should be written and read in the same way", () => {
    expect(hexOf(encode(add, rlpInteger(BigInt(extraData.round))))).toBe(extraData.rlp);
    expect(read(bytesOf(extraData.rlp)).seals.map(hexOf)).toEqual(extraData.seals);
    expect(validatorsOf(extraData.rlp)).toEqual(extraData.validators);
  });

  it("should count a vote to add, to drop and none among what is hashed", () => {
    const hashes = [add, vote(new Uint8Array()), EMPTY].map((votes) =>
      hexOf(read(encode(votes, rlpInteger(1n))).blockHash),
    );
    expect(new Set(hashes).size).toBe(3);
    // The block's hash is the same in every round; what was signed is not.
    expect(hexOf(read(encode(add, rlpInteger(7n))).blockHash)).toBe(hashes[0]);
    expect(hexOf(read(encode(add, rlpInteger(7n))).signedHash)).not.toBe(
      hexOf(read(encode(add, rlpInteger(1n))).signedHash),
    );
  });

  it("should not be taken for QBFT's when the round has leading zeros, as IBFT 2.0 writes it", () => {
    for (const round of ["0x00", "0x00000000", "0x00fedcba", "0x0000000001"]) {
      expect(() => read(encode(EMPTY, rlpString(bytesOf(round))))).toThrow(RangeError);
    }
  });
});
