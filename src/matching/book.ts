import { faultOf } from "./checks.js";
import { PutThroughBoard, selectionFault, type FirmOrder } from "./put-through.js";
import { RestingOrders } from "./resting-orders.js";
import type {
  Book,
  BookSnapshot,
  CancelOwnerCommand,
  CancelReason,
  Command,
  Depth,
  Emit,
  Level,
  OfferCommand,
  PlaceCommand,
  RejectReason,
  SelectCommand,
  Side,
  StandingOrder,
} from "./types.js";

const EXPECTED_ORDERS = 1_024;

/** @param expectedOrders how many orders it will hold without growing; it grows by itself */
export function createBook(expectedOrders = EXPECTED_ORDERS): Book {
  return new MatchingBook(expectedOrders);
}

/** The book that the snapshot was taken of. Throws a RangeError on another version. */
export function restoreBook(snapshot: BookSnapshot): Book {
  const version: number = snapshot.version;
  if (version !== 1) throw new RangeError(`A book snapshot of version ${version} cannot be read.`);
  const book = new MatchingBook(snapshot.orders.length);
  book.load(snapshot);
  return book;
}

const opposite = (side: Side): Side => (side === "buy" ? "sell" : "buy");

class MatchingBook implements Book {
  private readonly resting: RestingOrders;
  private readonly firm = new PutThroughBoard();
  private lastId = 0;

  constructor(expectedOrders: number) {
    this.resting = new RestingOrders(expectedOrders);
  }

  apply(command: Command, emit: Emit): void {
    switch (command.kind) {
      case "place":
        if (this.admit(command, emit)) this.place(command, emit);
        break;
      case "cancel":
        this.cancel(command.id, command.reason ?? "requested", emit);
        break;
      case "cancel-owner":
        this.cancelOwner(command, emit);
        break;
      case "offer":
        if (this.admit(command, emit)) this.offer(command, emit);
        break;
      case "select":
        if (this.admit(command, emit)) this.select(command, emit);
        break;
    }
  }

  get orderCount(): number {
    return this.resting.count + this.firm.count;
  }

  depth(limit: number): Depth {
    return { bids: this.bestLevels("buy", limit), asks: this.bestLevels("sell", limit) };
  }

  level(side: Side, price: number): Level {
    const level = this.resting.levelAt(side, price);
    return level === 0 ? { price, tonnes: 0, orders: 0 } : this.describe(level);
  }

  order(id: number): StandingOrder | undefined {
    const order = this.resting.find(id);
    if (order !== 0) return this.standing(order);
    const firm = this.firm.find(id);
    return firm === undefined ? undefined : { ...firm };
  }

  snapshot(): BookSnapshot {
    const orders: StandingOrder[] = this.firm.all().map((order) => ({ ...order }));
    for (const side of ["buy", "sell"] as const) {
      this.resting.visitLevels(side, (level) => {
        for (let at = this.resting.head(level); at !== 0; at = this.resting.next(at)) orders.push(this.standing(at));
        return false;
      });
    }
    return { version: 1, lastId: this.lastId, orders: orders.sort((a, b) => a.id - b.id) };
  }

  /** Into an empty book. By id, so that everybody stands where they stood in time. */
  load({ lastId, orders }: BookSnapshot): void {
    for (const order of orders) {
      if (order.board === "put-through") this.firm.add(order);
      else this.resting.add(order.id, order.owner, order.side, order.price, order.tonnes);
    }
    this.lastId = lastId;
  }

  /** Whether the order's numbers are in order. An id is used up even if nothing else of the order holds. */
  private admit(order: PlaceCommand | OfferCommand | SelectCommand, emit: Emit): boolean {
    if (!Number.isSafeInteger(order.id) || order.id <= this.lastId) return this.reject(order.id, "id-invalid", emit);
    this.lastId = order.id;
    const fault = faultOf(order);
    return fault === null || this.reject(order.id, fault, emit);
  }

  private reject(id: number, reason: RejectReason, emit: Emit): false {
    emit({ kind: "rejected", id, reason });
    return false;
  }

  private place(order: PlaceCommand, emit: Emit): void {
    emit({ kind: "accepted", id: order.id });
    const obstacle = this.obstacleTo(order);
    if (obstacle !== null) {
      this.cancelIncoming(order, order.tonnes, obstacle, emit);
      return;
    }
    const left = this.match(order, emit);
    if (left > 0) this.settleRemainder(order, left, emit);
  }

  /** The conditions that must hold before anything trades. */
  private obstacleTo(order: PlaceCommand): CancelReason | null {
    if (order.timeInForce === "fok") return this.canTrade(order, order.tonnes) ? null : "fill-or-kill";
    if (order.postOnly === true)
      return this.crosses(order, this.resting.best(opposite(order.side))) ? "post-only" : null;
    const minimum = order.minimumTonnes ?? 0;
    return minimum === 0 || this.canTrade(order, minimum) ? null : "minimum-not-reached";
  }

  private crosses(order: PlaceCommand, level: number): boolean {
    if (level === 0) return false;
    const price = this.resting.price(level);
    return order.side === "buy" ? price <= order.price : price >= order.price;
  }

  /**
   * Trades with the best price first, at one price with the earliest order first, each at the resting order's price.
   * @returns what is left; 0 also when self-trade prevention has cancelled the rest
   */
  private match(order: PlaceCommand, emit: Emit): number {
    const { resting } = this;
    const side = opposite(order.side);
    let left = order.tonnes;
    for (let level = resting.best(side); left > 0 && this.crosses(order, level); level = resting.best(side)) {
      const price = resting.price(level);
      const maker = resting.head(level);
      if (resting.owner(maker) === order.owner) {
        if (!this.preventSelfTrade(order, left, maker, emit)) return 0;
        continue;
      }
      const tonnes = resting.tonnes(maker);
      const id = resting.id(maker);
      const traded = left < tonnes ? left : tonnes;
      if (traded === tonnes) resting.remove(maker);
      else resting.reduce(maker, traded);
      left -= traded;
      emit({
        kind: "traded",
        board: "book",
        taker: order.id,
        maker: id,
        side: order.side,
        price,
        tonnes: traded,
        makerLeft: tonnes - traded,
      });
    }
    return left;
  }

  /** @returns whether the incoming order may go on */
  private preventSelfTrade(order: PlaceCommand, left: number, maker: number, emit: Emit): boolean {
    const mode = order.selfTradePrevention ?? "cancel-incoming";
    if (mode !== "cancel-incoming") this.cancelResting(maker, "self-trade", emit);
    if (mode === "cancel-resting") return true;
    this.cancelIncoming(order, left, "self-trade", emit);
    return false;
  }

  /** Whether the order could trade this much now, with what self-trade prevention lets it reach. */
  private canTrade(order: PlaceCommand, tonnes: number): boolean {
    const { resting } = this;
    const side = opposite(order.side);
    const ownsSome = resting.ownersFirst(order.owner, side) !== 0;
    const skipsOwn = order.selfTradePrevention === "cancel-resting";
    let missing = tonnes;
    resting.visitLevels(side, (level) => {
      if (!this.crosses(order, level)) return true;
      if (!ownsSome) {
        missing -= resting.levelTonnes(level);
        return missing <= 0;
      }
      for (let maker = resting.head(level); maker !== 0 && missing > 0; maker = resting.next(maker)) {
        if (resting.owner(maker) !== order.owner) missing -= resting.tonnes(maker);
        else if (!skipsOwn) return true;
      }
      return missing <= 0;
    });
    return missing <= 0;
  }

  private settleRemainder(order: PlaceCommand, left: number, emit: Emit): void {
    const { id, owner, side, price, timeInForce } = order;
    if (timeInForce === "ioc" || timeInForce === "fok") this.cancelIncoming(order, left, "immediate", emit);
    else if (!this.resting.add(id, owner, side, price, left)) this.cancelIncoming(order, left, "book-full", emit);
    else emit({ kind: "rested", board: "book", id, side, price, tonnes: left });
  }

  private cancelIncoming({ id, side, price }: PlaceCommand, tonnes: number, reason: CancelReason, emit: Emit): void {
    emit({ kind: "cancelled", board: null, id, side, price, tonnes, reason });
  }

  private cancelResting(order: number, reason: CancelReason, emit: Emit): void {
    const { resting } = this;
    const level = resting.levelOf(order);
    const id = resting.id(order);
    const side = resting.side(level);
    const price = resting.price(level);
    const tonnes = resting.tonnes(order);
    resting.remove(order);
    emit({ kind: "cancelled", board: "book", id, side, price, tonnes, reason });
  }

  private cancelFirm(order: FirmOrder, reason: CancelReason, emit: Emit): void {
    const { id, side, price, tonnes } = order;
    this.firm.remove(order);
    emit({ kind: "cancelled", board: "put-through", id, side, price, tonnes, reason });
  }

  private cancel(id: number, reason: CancelReason, emit: Emit): void {
    const order = this.resting.find(id);
    if (order !== 0) {
      this.cancelResting(order, reason, emit);
      return;
    }
    const firm = this.firm.find(id);
    if (firm !== undefined) this.cancelFirm(firm, reason, emit);
    else this.reject(id, "order-unknown", emit);
  }

  /** The book before the board, in the book buys before sales, and earlier before later. */
  private cancelOwner({ owner, side, reason = "requested" }: CancelOwnerCommand, emit: Emit): void {
    for (const each of side === undefined ? (["buy", "sell"] as const) : [side]) {
      let order = this.resting.ownersFirst(owner, each);
      while (order !== 0) {
        this.cancelResting(order, reason, emit);
        order = this.resting.ownersFirst(owner, each);
      }
    }
    for (const order of this.firm.ownedBy(owner, side)) this.cancelFirm(order, reason, emit);
  }

  private offer(order: OfferCommand, emit: Emit): void {
    const { id, side, price, tonnes } = order;
    this.firm.add(order);
    emit({ kind: "accepted", id });
    emit({ kind: "rested", board: "put-through", id, side, price, tonnes });
  }

  private select(order: SelectCommand, emit: Emit): void {
    const { id, side, tonnes } = order;
    const target = this.firm.find(order.target);
    const fault = selectionFault(order, target);
    if (target === undefined || fault !== null) {
      this.reject(id, fault ?? "order-unknown", emit);
      return;
    }
    this.firm.reduce(target, tonnes);
    emit({ kind: "accepted", id });
    emit({
      kind: "traded",
      board: "put-through",
      taker: id,
      maker: target.id,
      side,
      price: target.price,
      tonnes,
      makerLeft: target.tonnes,
    });
  }

  private bestLevels(side: Side, limit: number): Level[] {
    const levels: Level[] = [];
    if (limit <= 0) return levels;
    this.resting.visitLevels(side, (level) => {
      levels.push(this.describe(level));
      return levels.length >= limit;
    });
    return levels;
  }

  private describe(level: number): Level {
    const { resting } = this;
    return { price: resting.price(level), tonnes: resting.levelTonnes(level), orders: resting.levelCount(level) };
  }

  private standing(order: number): StandingOrder {
    const { resting } = this;
    const level = resting.levelOf(order);
    return {
      id: resting.id(order),
      board: "book",
      owner: resting.owner(order),
      side: resting.side(level),
      price: resting.price(level),
      tonnes: resting.tonnes(order),
      minimumTonnes: 0,
    };
  }
}
