import { bytesToHex } from "@noble/hashes/utils.js";
import { loadTests } from "@ethersproject/testcases";
import { TypedDataEncoder, type TypedDataField } from "ethers";
import { describe, expect, it } from "vitest";

import { compileStruct, encodeType, hashDomain, typedDigest, type TypedDomain } from "../../../src/chain/typed-data.js";

interface Vector {
  name: string;
  domain: Omit<TypedDomain, "chainId"> & { chainId?: number };
  primaryType: string;
  types: Record<string, TypedDataField[]>;
  data: Record<string, unknown>;
  encoded: string;
  digest: string;
}

const vectors = loadTests<Vector[]>("eip712");

/** Our domains carry the chain id as a bigint. */
function domainOf({ domain: { chainId, ...domain } }: Vector): TypedDomain {
  return chainId === undefined ? domain : { ...domain, chainId: BigInt(chainId) };
}

describe("the EIP-712 vectors of @ethersproject/testcases", () => {
  it("should be 1,025", () => {
    expect(vectors).toHaveLength(1025);
  });

  it.each(vectors.map((vector) => [vector.name, vector] as const))("should hold for %s", (_, vector) => {
    const domain = domainOf(vector);

    expect(TypedDataEncoder.hash(vector.domain, vector.types, vector.data)).toBe(vector.digest);
    const encoder = TypedDataEncoder.from(vector.types);
    expect(encoder.encode(vector.data)).toBe(vector.encoded);

    const structHash = compileStruct(vector.types, vector.primaryType)(vector.data);
    expect(typedDigest(hashDomain(domain), structHash)).toBe(vector.digest);
    expect(encodeType(vector.types, vector.primaryType)).toBe(encoder.encodeType(vector.primaryType));
    expect(`0x${bytesToHex(hashDomain(domain))}`).toBe(TypedDataEncoder.hashDomain(vector.domain));
  });
});
