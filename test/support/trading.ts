import { id } from "ethers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { codeOfBatchId } from "../../src/chain/codes.js";
import { exchangeDomain, hashOrder, orderOf, signOrder, type OrderJson } from "../../src/chain/orders.js";
import { startTestService, type SelfCustodyFirm, type TestServiceOptions } from "./service.js";

export const PRICE = 136_000;
export const START_TONNES = 10_000n;
export const START_CASH = 4_000_000_000n;
const DAY = 86_400;

export type TradingStage = Awaited<ReturnType<typeof startTrading>>;

/** Another account of the test chain, as a firm that signs for itself. */
export interface TradingFirm extends SelfCustodyFirm {
  readonly wallet: HardhatEthersSigner;
}

/**
 * The whole service with one open market and three firms, each with `START_TONNES` and `START_CASH` on the exchange. Prices are
 * multiples of 1,000, without a band; a fourth firm has nothing.
 */
export async function startTrading(options: TestServiceOptions = {}) {
  const stage = await startTestService(options);
  const { ledger, post } = stage;
  await stage.synced();
  const operator = await stage.officerKey("exchange-operator", "operator");
  const wallets = ledger.firms.slice(0, 4);
  const firms: TradingFirm[] = [];
  for (const wallet of wallets) firms.push({ ...(await stage.firm(wallet)), wallet });
  const [alice, bob, carol, dave] = firms as [TradingFirm, TradingFirm, TradingFirm, TradingFirm];

  const batchId = await ledger.issueBatch({ recipient: alice.account, tonnes: 4n * START_TONNES });
  const batch = codeOfBatchId(batchId);
  await ledger.listInstrument(batchId);
  for (const { wallet } of [alice, bob, carol]) {
    if (wallet !== alice.wallet)
      await ledger.units.connect(alice.wallet).transfer(alice.wallet, wallet, batchId, START_TONNES, []);
    await ledger.depositUnits(wallet, batchId, START_TONNES);
    await ledger.fundCash(wallet.address, START_CASH);
    await ledger.depositCash(wallet, START_CASH);
  }
  await stage.synced();
  const definition = { tick: "1000", bandBasisPoints: null, referencePrice: null, calendar: "always-open" };
  const defined = await post(`/v1/instruments/${batch}/definition`, definition, operator);
  if (defined.status >= 300) throw new Error(JSON.stringify(defined.body));

  const domain = exchangeDomain(ledger.chainId, ledger.addresses.Exchange);
  let nonces = 0;

  /** A sale of a hundred tonnes at `PRICE`, unless told otherwise; valid for a day. */
  function orderJson(firm: TradingFirm, differences: Partial<OrderJson> = {}): OrderJson {
    return {
      account: firm.account,
      batch,
      side: "sell",
      tonnes: "100",
      minimumTonnes: "0",
      limitPrice: String(PRICE),
      maximumFeeBasisPoints: "0",
      nonce: String(nonces++),
      expiresAt: String(Math.floor(Date.now() / 1_000) + DAY),
      ...differences,
    };
  }

  async function signed(firm: TradingFirm, differences: Partial<OrderJson> = {}) {
    const order = orderJson(firm, differences);
    return { order, signature: await signOrder(firm.wallet, orderOf(order), domain) };
  }

  const auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });

  return {
    ...stage,
    auditor,
    id32: id,
    alice,
    bob,
    carol,
    dave,
    operator,
    batch,
    batchId,
    exchangeDomain: domain,
    orderJson,
    signed,
    hashOf: (order: OrderJson) => hashOrder(orderOf(order), domain),

    /** Signs and posts; the conditions are those of the body. */
    async place(firm: TradingFirm, differences: Partial<OrderJson> = {}, conditions: object = {}) {
      return post("/v1/orders", { ...(await signed(firm, differences)), ...conditions });
    },

    /** Resolves once a firm's trades all have their fate. */
    async settled(firm: TradingFirm) {
      for (let attempt = 0; attempt < 400; attempt++) {
        const { body } = await stage.get("/v1/trades/mine?limit=200", firm.key);
        if (body.items.every((trade: { status: string }) => trade.status !== "matched")) return body.items;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error("Trades of a firm do not settle");
    },
  };
}
