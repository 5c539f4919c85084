import { toInteger } from "../integers.js";
import { instantText } from "./markets.js";
import type { InstrumentView } from "./service.js";
import type { DecisionView } from "./store.js";

export function instrumentJson(view: InstrumentView) {
  const { batch, kind, market, isOpen, nextOpen, nextClose, txHash, blockNumber } = view;
  const part = (name: string): string => `/v1/instruments/${batch}/${name}`;
  return {
    batch,
    kind,
    market: market && {
      currency: market.currency,
      tick: market.tick,
      bandBasisPoints: market.bandBasisPoints,
      referencePrice: market.reference,
      priceBand: market.band,
      calendar: market.calendar.name,
      state: market.state,
      stateReason: market.stateReason,
      updatedAt: market.updatedAt.toISOString(),
    },
    isOpen,
    nextOpen: instantText(nextOpen),
    nextClose: instantText(nextClose),
    txHash,
    blockNumber: toInteger(blockNumber),
    links: {
      self: `/v1/instruments/${batch}`,
      transaction: `/v1/transactions/${txHash}`,
      batch: `/v1/batches/${batch}`,
      book: part("book"),
      trades: part("trades"),
      candles: part("candles"),
      daily: part("daily"),
      stream: part("stream"),
      decisions: part("decisions"),
    },
  };
}

export function decisionJson({ at, ...decision }: DecisionView) {
  return { ...decision, at: at.toISOString() };
}
