import type { Clock, MarketFeed, MarketUpdate } from "../market/ports.js";
import { createBookMirror, type BookMirror } from "./book-mirror.js";
import { createChannel, type Channel } from "./channel.js";
import { bookJson, changeJson, tradedJson, type BookJson } from "./views.js";

export interface MarketHubOptions {
  readonly feed: Pick<MarketFeed, "bookOf" | "subscribe" | "subscribeFates">;
  readonly clock: Clock;
  /** How many events of each market a reader may have missed; 2,000 when left out. */
  readonly kept?: number;
}

/** What happens in a market, for everybody. */
export interface MarketHub {
  channelOf(batch: string): Channel;
  /** The book as of the latest event of its channel. Not before the markets are open: until then the feed knows no book. */
  bookOf(batch: string, levels?: number): BookJson;
  /** Somebody decided about the market. */
  decided(batch: string, state: object): void;
}

const KEPT = 2_000;

/** Follows the feed as long as it lives. A book is mirrored from the first time on that somebody asks or something happens. */
export function createMarketHub({ feed, clock, kept = KEPT }: MarketHubOptions): MarketHub {
  const channels = new Map<string, Channel>();
  const mirrors = new Map<string, BookMirror>();
  const start = clock.now();

  function channelOf(batch: string): Channel {
    const known = channels.get(batch);
    if (known !== undefined) return known;
    const made = createChannel(start, kept);
    channels.set(batch, made);
    return made;
  }

  function mirrorOf(batch: string): BookMirror {
    const known = mirrors.get(batch);
    if (known !== undefined) return known;
    const made = createBookMirror(feed.bookOf(batch));
    mirrors.set(batch, made);
    return made;
  }

  function tell({ seq, batch, at, events }: MarketUpdate): void {
    const levels = mirrorOf(batch).apply(seq, events).map(changeJson);
    const trades = events.flatMap((event) => (event.type === "traded" ? [tradedJson(event)] : []));
    const common = { at: new Date(at).toISOString(), levels };
    if (trades.length > 0) channelOf(batch).publish("trade", { ...common, trades });
    else if (levels.length > 0) channelOf(batch).publish("delta", common);
  }

  feed.subscribe(tell);
  feed.subscribeFates(({ id, batch, status, txHash }) =>
    channelOf(batch).publish("settlement", { trade: id, status, txHash }),
  );

  return {
    channelOf,
    bookOf: (batch, levels) => bookJson(batch, channelOf(batch).sequence(), mirrorOf(batch).depth(levels)),
    decided: (batch, state) => channelOf(batch).publish("state", state),
  };
}
