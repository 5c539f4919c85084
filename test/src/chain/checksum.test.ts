import { Wallet, getAddress } from "ethers";
import { describe, expect, it } from "vitest";

import { checksummed } from "../../../src/chain/checksum.js";

describe("Checksummed addresses", () => {
  it("should be those of EIP-55, whatever the case they came in, and when asked again", () => {
    for (let i = 0; i < 50; i += 1) {
      const { address } = Wallet.createRandom();
      const forms = [address, address.toLowerCase(), `0x${address.slice(2).toUpperCase()}`, address];
      for (const form of forms) expect(checksummed(form)).toBe(getAddress(address));
    }
  });
});
