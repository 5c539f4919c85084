import type { ContractTransactionReceipt, Wallet } from "ethers";

import { exchangeDomain, hashOrder, type Order, type SignedOrder } from "../../src/chain/orders.js";
import { encodeSettle, type Match } from "../../src/chain/settlement-call.js";
import { CAPABILITIES, deployTestLedger, type TestLedger } from "../../test/support/ledger.js";
import type { Row } from "./table.js";

type Signer = TestLedger["firms"][number];

/** Figures of other systems, measured once with the same compiler settings, for the reader's orientation. */
const ELSEWHERE = {
  trade:
    "0x v4 signed OTC 57,361 (fill-or-kill only); CoW 116,734; Seaport 147,978; Polymarket, single, 180,004; " +
    "bare swap without signatures, single, 64,578",
  sweep: "Polymarket 79,624; Seaport 92,268",
};

const BUY = 0;
const SELL = 1;
const PAIRS = 100;
const SWEPT = 10;
const PRICE = 136_000n;
/** Nonces that share a storage word with an account's position: the first of them costs more than the next. */
const WINDOW = 64n;
const NEVER = 4_000_000_000n;
const GAS_LIMIT = 16_000_000n;

/** Gas of settlement on the exchange, in transactions as the operator sends them; every party with a key of its own. */
export async function settlementGasRows(): Promise<Row[]> {
  const stage = await prepare();
  const { buyers, sellers } = stage;
  const pairs = (nonce: bigint): Match[] =>
    buyers.map((buyer, i) => ({
      taker: stage.order(buyer, BUY, 100n, nonce),
      fills: [{ maker: stage.order(sellers[i] as Wallet, SELL, 100n, nonce), tonnes: 100n, price: PRICE }],
    }));
  const [sweeper] = buyers as [Wallet];
  const sweep = (nonce: bigint, minimumTonnes: bigint): Match => ({
    taker: stage.order(sweeper, BUY, 100n * BigInt(SWEPT), nonce, minimumTonnes),
    fills: sellers
      .slice(0, SWEPT)
      .map((seller) => ({ maker: stage.order(seller, SELL, 100n, nonce), tonnes: 100n, price: PRICE })),
  });

  const first = await stage.settle(pairs(1n), PAIRS);
  const settled = await stage.settle(pairs(2n), PAIRS);
  const swept = await stage.settle([sweep(3n, 0n)], SWEPT);
  const sweptWhole = await stage.settle([sweep(4n, 100n * BigInt(SWEPT))], SWEPT);
  const window = await stage.settle(pairs(WINDOW), PAIRS);

  const amortised = settled + (window - settled) / Number(WINDOW);
  return [
    row("settled trade, two fresh orders, distinct parties, batch of 100", settled, 45_000, ELSEWHERE.trade),
    row("the same, first trade of both since a change of anybody's standing", first, null, ELSEWHERE.trade),
    row(`the same, first of ${WINDOW} nonces of both`, window, null, "–"),
    row(`the same, mean over ${WINDOW} nonces`, amortised, 45_000, ELSEWHERE.trade),
    row("fill, one taker sweeps 10 makers", swept, 35_000, ELSEWHERE.sweep),
    row("the same, all or nothing", sweptWhole, 35_000, ELSEWHERE.sweep),
  ];
}

function row(measure: string, gas: number, ceiling: number | null, other: string): Row {
  const ours = Math.round(gas);
  return {
    measure,
    ours: ours.toLocaleString("en"),
    limit: ceiling === null ? "–" : `≤ ${ceiling.toLocaleString("en")}`,
    holds: ceiling === null || ours <= ceiling,
    ratio: "–",
    other,
  };
}

/** A hundred buyers and a hundred sellers with positions in units and in cash. */
async function prepare() {
  const ledger = await deployTestLedger();
  const { ethers, units, cash, exchange, parts } = ledger;
  const [treasury] = ledger.firms as [Signer];
  await ledger.admit(null, treasury.address);
  const batchId = await ledger.issueBatch({ recipient: treasury.address, tonnes: 100_000_000 });
  await ledger.listInstrument(batchId);
  await ledger.fundCash(treasury.address, 10n ** 15n);

  const wallets = Array.from({ length: 2 * PAIRS }, () => new ethers.Wallet(ethers.Wallet.createRandom().privateKey));
  for (const { address } of wallets) {
    await ledger.admit(null, address, CAPABILITIES.TRADE_CREDITS);
    await units.connect(treasury).transfer(treasury.address, address, batchId, 100_000, []);
    await cash.connect(treasury).transfer(address, 10n ** 12n);
    const owner = await ethers.getImpersonatedSigner(address);
    await parts.admin.sendTransaction({ to: address, value: 10n ** 17n });
    await ledger.depositUnits(owner, batchId, 100_000);
    await ledger.depositCash(owner, 10n ** 12n);
  }

  const domain = exchangeDomain(ledger.chainId, ledger.addresses.Exchange);
  const order = (wallet: Wallet, side: number, tonnes: bigint, nonce: bigint, minimumTonnes = 0n): SignedOrder => {
    const terms: Order = {
      account: wallet.address,
      batchId,
      side,
      tonnes,
      minimumTonnes,
      limitPrice: PRICE,
      maximumFeeBasisPoints: 0n,
      nonce,
      expiresAt: NEVER,
    };
    return { order: terms, signature: wallet.signingKey.sign(hashOrder(terms, domain)).serialized };
  };

  /** @returns gas per trade; it throws unless all of them settle. */
  async function settle(matches: readonly Match[], trades: number): Promise<number> {
    const sent = await parts.operator.sendTransaction({
      to: exchange,
      data: encodeSettle(matches),
      gasLimit: GAS_LIMIT,
    });
    const receipt = (await sent.wait()) as ContractTransactionReceipt;
    const settled = receipt.logs.filter(
      ({ topics }) => topics[0] === exchange.interface.getEvent("TradeSettled").topicHash,
    );
    if (settled.length !== trades) throw new Error(`${settled.length} of ${trades} trades settled`);
    return Number(receipt.gasUsed) / trades;
  }

  return { buyers: wallets.slice(0, PAIRS), sellers: wallets.slice(PAIRS), order, settle };
}
