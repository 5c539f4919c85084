import type { Book, Level, MatchEvent, Side } from "./types.js";

/** What one price of the book now has: zeros when nobody stands there any more. */
export interface LevelChange extends Level {
  readonly side: Side;
}

export interface DepthFeed {
  /** To be shown every event of the book. */
  observe(event: MatchEvent): void;
  /** The prices that were touched since the last call, in the order in which they first were, as they stand now. */
  changes(): LevelChange[];
}

/** The changes of the book's depth, so that whoever has the depth from before has the depth from now. Knows nothing of the put-through board. */
export function createDepthFeed(book: Pick<Book, "level">): DepthFeed {
  const touched = { buy: new Set<number>(), sell: new Set<number>() };
  let inOrder: { side: Side; price: number }[] = [];

  const touch = (side: Side, price: number): void => {
    if (touched[side].has(price)) return;
    touched[side].add(price);
    inOrder.push({ side, price });
  };

  return {
    observe(event) {
      if (event.kind === "accepted" || event.kind === "rejected" || event.board !== "book") return;
      if (event.kind === "traded") touch(event.side === "buy" ? "sell" : "buy", event.price);
      else touch(event.side, event.price);
    },
    changes() {
      const changes = inOrder.map(({ side, price }) => ({ side, ...book.level(side, price) }));
      touched.buy.clear();
      touched.sell.clear();
      inOrder = [];
      return changes;
    },
  };
}
