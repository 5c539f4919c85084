import { TypedDataEncoder, Wallet } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { batchIdOf } from "../../../src/chain/codes.js";
import { mutableTypes } from "../../../src/chain/intents.js";
import {
  DEAL_TYPES,
  dealJsonOf,
  dealOf,
  exchangeDomain,
  hashDeal,
  hashOrder,
  ORDER_TYPES,
  orderJsonOf,
  orderOf,
  signDeal,
  signOrder,
} from "../../../src/chain/orders.js";
import { recoverSigner } from "../../../src/chain/signature.js";
import { arbitraryDeal, arbitraryOrder } from "../../support/arbitrary-orders.js";

const domain = exchangeDomain(84_511n, "0x5FbDB2315678afecb367f032d93F642f64180aa3");
const wallet = new Wallet(Wallet.createRandom().privateKey);
const batch = fc.constantFrom("VN-1-2024", "DNG.7", "A");

describe("hashOrder", () => {
  it("should equal ethers' encoder for any order", () => {
    fc.assert(
      fc.property(arbitraryOrder, (order) => {
        expect(hashOrder(order, domain)).toBe(TypedDataEncoder.hash(domain, mutableTypes(ORDER_TYPES), order));
      }),
      { numRuns: 500 },
    );
  });

  it("should depend on the chain and on the contract", () => {
    const [order] = fc.sample(arbitraryOrder, { numRuns: 1, seed: 2026 });
    if (order === undefined) throw new Error("No sample");
    const others = [exchangeDomain(1n, domain.verifyingContract), exchangeDomain(domain.chainId, wallet.address)];

    expect(new Set([domain, ...others].map((each) => hashOrder(order, each))).size).toBe(3);
  });
});

describe("hashDeal", () => {
  it("should equal ethers' encoder for any deal", () => {
    fc.assert(
      fc.property(arbitraryDeal, (deal) => {
        expect(hashDeal(deal, domain)).toBe(TypedDataEncoder.hash(domain, mutableTypes(DEAL_TYPES), deal));
      }),
      { numRuns: 500 },
    );
  });
});

describe("Signatures", () => {
  it("should lead back from an order's digest to its signer", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryOrder, async (order) => {
        expect(recoverSigner(hashOrder(order, domain), await signOrder(wallet, order, domain))).toBe(wallet.address);
      }),
      { numRuns: 20 },
    );
  });

  it("should lead back from a deal's digest to its signer", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryDeal, async (deal) => {
        expect(recoverSigner(hashDeal(deal, domain), await signDeal(wallet, deal, domain))).toBe(wallet.address);
      }),
      { numRuns: 20 },
    );
  });
});

describe("JSON", () => {
  it("should carry any order there and back", () => {
    fc.assert(
      fc.property(arbitraryOrder, batch, (order, code) => {
        const given = { ...order, batchId: batchIdOf(code) };
        const json = orderJsonOf(given);
        expect(json.batch).toBe(code);
        expect(orderOf(json)).toEqual(given);
      }),
    );
  });

  it("should carry any deal there and back", () => {
    fc.assert(
      fc.property(arbitraryDeal, batch, (deal, code) => {
        const given = { ...deal, batchId: batchIdOf(code) };
        expect(dealOf(dealJsonOf(given))).toEqual(given);
      }),
    );
  });
});
