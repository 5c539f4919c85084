import { HDNodeWallet, Mnemonic, type Provider } from "ethers";

import type { DeploymentSettings } from "./manifest.js";

/** The twelve words of every Hardhat node's accounts. Public: whatever they own is anybody's. */
const MNEMONIC = "test test test test test test test test test test test junk";
const DAY_SECONDS = 86_400;

/** Which of the well-known accounts plays which part: its place in this list is its number. */
const PARTS = [
  "deployer",
  "registrar1",
  "registrar2",
  "verifier",
  "compliance1",
  "compliance2",
  "guardian",
  "bank1",
  "operator",
  "enforcement",
  "admin",
  "bank2",
] as const;

/** The market of a pilot: money in dong, which has no minor unit, and a day until a firm can leave by itself. */
export const PILOT_MARKET = {
  currency: { name: "Settlement dong", symbol: "VND", decimals: 0 },
  singleApprovalLimit: "5000000000",
  withdrawalDelaySeconds: DAY_SECONDS,
} as const satisfies Partial<DeploymentSettings>;

export type DevelopmentPart = (typeof PARTS)[number];

const root = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(MNEMONIC), "m/44'/60'/0'/0");

/** The well-known account with a number, from 0. A Hardhat node funds the first twenty. */
export function developmentWallet(number: number, provider?: Provider): HDNodeWallet {
  const wallet = root.deriveChild(number);
  return provider === undefined ? wallet : wallet.connect(provider);
}

/** The wallet of each part. The numbers after them are free for participants. */
export function developmentWallets(provider: Provider): Record<DevelopmentPart, HDNodeWallet> {
  const entries = PARTS.map((part, number) => [part, developmentWallet(number, provider)] as const);
  return Object.fromEntries(entries) as Record<DevelopmentPart, HDNodeWallet>;
}

/**
 * Roles for a development chain. Enforcement waits a day, as anywhere; the admin does not, so that a developer can set the buffer
 * account without moving the clock.
 */
export function developmentSettings(): DeploymentSettings {
  const account = (part: DevelopmentPart) => developmentWallet(PARTS.indexOf(part)).address;
  return {
    batchBaseUri: "http://127.0.0.1:3000/v1/batches/",
    certificateBaseUri: "http://127.0.0.1:3000/v1/certificates/",
    ...PILOT_MARKET,
    holders: [
      { role: "REGISTRAR", account: account("registrar1"), delaySeconds: 0 },
      { role: "REGISTRAR", account: account("registrar2"), delaySeconds: 0 },
      { role: "VERIFIER", account: account("verifier"), delaySeconds: 0 },
      { role: "COMPLIANCE_OFFICER", account: account("compliance1"), delaySeconds: 0 },
      { role: "COMPLIANCE_OFFICER", account: account("compliance2"), delaySeconds: 0 },
      { role: "GUARDIAN", account: account("guardian"), delaySeconds: 0 },
      { role: "SETTLEMENT_BANK", account: account("bank1"), delaySeconds: 0 },
      { role: "SETTLEMENT_BANK", account: account("bank2"), delaySeconds: 0 },
      { role: "EXCHANGE_OPERATOR", account: account("operator"), delaySeconds: 0 },
      { role: "ENFORCEMENT", account: account("enforcement"), delaySeconds: DAY_SECONDS },
    ],
    admin: { account: account("admin"), delaySeconds: 0 },
  };
}
