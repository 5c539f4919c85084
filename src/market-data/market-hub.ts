import type { Clock, MarketFeed, MarketUpdate, TradeFate } from "../market/ports.js";
import { createBookMirror, type BookMirror } from "./book-mirror.js";
import { createChannel, type Channel } from "./channel.js";
import { bookJson, changeJson, tradedJson, type BookJson } from "./views.js";

export interface MarketHubOptions {
  readonly feed: MarketFeed;
  readonly clock: Clock;
  /** How many events of each market a reader may have missed; 2,000 when left out. */
  readonly kept?: number;
}

/** What happens in a market, for everybody. */
export interface MarketHub {
  channelOf(batch: string): Channel;
  /** The book as of the latest event of its channel. */
  bookOf(batch: string, levels?: number): BookJson;
  /** Somebody decided about the market. */
  decided(batch: string, state: object): void;
}

const KEPT = 2_000;

interface Watched {
  readonly channel: Channel;
  readonly mirror: BookMirror;
}

/** Follows the feed as long as it lives. A market is watched from the first time on that somebody asks or something happens. */
export function createMarketHub({ feed, clock, kept = KEPT }: MarketHubOptions): MarketHub {
  const watched = new Map<string, Watched>();
  const start = clock.now();

  function watch(batch: string): Watched {
    const known = watched.get(batch);
    if (known !== undefined) return known;
    const made = { channel: createChannel(start, kept), mirror: createBookMirror(feed.bookOf(batch)) };
    watched.set(batch, made);
    return made;
  }

  function tell({ seq, batch, at, events }: MarketUpdate): void {
    const { channel, mirror } = watch(batch);
    const levels = mirror.apply(seq, events).map(changeJson);
    const trades = events.flatMap((event) => (event.type === "traded" ? [tradedJson(event)] : []));
    const common = { at: new Date(at).toISOString(), levels };
    if (trades.length > 0) channel.publish("trade", { ...common, trades });
    else if (levels.length > 0) channel.publish("delta", common);
  }

  feed.subscribe(tell);
  feed.subscribeFates(({ id, batch, status, txHash, blockNumber }: TradeFate) =>
    watch(batch).channel.publish("settlement", {
      trade: id,
      status,
      txHash,
      blockNumber: blockNumber?.toString() ?? null,
    }),
  );

  return {
    channelOf: (batch) => watch(batch).channel,
    bookOf(batch, levels) {
      const { channel, mirror } = watch(batch);
      return bookJson(batch, channel.sequence(), mirror.depth(levels));
    },
    decided: (batch, state) => watch(batch).channel.publish("state", state),
  };
}
