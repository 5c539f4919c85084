import type {
  CancelledEvent,
  CancelReason,
  Command,
  Emit,
  OfferCommand,
  PlaceCommand,
  RejectReason,
  SelectCommand,
  Side,
  StandingOrder,
} from "../../src/matching/types.js";

type Resting = { -readonly [key in keyof StandingOrder]: StandingOrder[key] };
type Gone = Pick<StandingOrder, "id" | "side" | "price" | "tonnes">;
type Order = PlaceCommand | OfferCommand | SelectCommand;

/**
 * The rules of the matching core once more, as plainly as can be: sorted arrays that are searched from end to end. For tests, which hold the
 * real book to it.
 */
export function createNaiveBook() {
  const sides: Record<Side, Resting[]> = { buy: [], sell: [] };
  let firm: Resting[] = [];
  let lastId = 0;

  const isInteger = (value: number, from: number, to: number) =>
    Number.isSafeInteger(value) && value >= from && value <= to;
  const reaches = (side: Side, limit: number, price: number) => (side === "buy" ? price <= limit : price >= limit);
  const other = (side: Side): Side => (side === "buy" ? "sell" : "buy");
  const gone = (order: Gone, board: "book" | null, reason: CancelReason): CancelledEvent => {
    const { id, side, price, tonnes } = order;
    return { kind: "cancelled", board, id, side, price, tonnes, reason };
  };
  const resting = ({ id, owner, side, price }: PlaceCommand | OfferCommand, tonnes: number): Resting => {
    return { id, board: "book", owner, side, price, tonnes, minimumTonnes: 0 };
  };

  function faultOf(order: Order): RejectReason | null {
    if (!isInteger(order.id, lastId + 1, Number.MAX_SAFE_INTEGER)) return "id-invalid";
    lastId = order.id;
    if (!isInteger(order.owner, 0, Number.MAX_SAFE_INTEGER)) return "owner-invalid";
    if (!isInteger(order.price, 1, Number.MAX_SAFE_INTEGER)) return "price-invalid";
    if (!isInteger(order.tonnes, 1, 2 ** 40)) return "tonnes-invalid";
    if (order.kind === "select") return null;
    if (!isInteger(order.minimumTonnes ?? 0, 0, order.tonnes)) return "minimum-invalid";
    if (order.kind === "offer") return null;
    const immediate = order.timeInForce === "ioc" || order.timeInForce === "fok";
    if (order.type === "market" && !immediate) return "combination-invalid";
    if (order.postOnly === true && (immediate || (order.minimumTonnes ?? 0) > 0)) return "combination-invalid";
    return null;
  }

  function insert(order: Resting): void {
    const list = sides[order.side];
    const at = list.findIndex((each) => !reaches(other(order.side), order.price, each.price));
    list.splice(at === -1 ? list.length : at, 0, order);
  }

  /** What the order would trade now: the makers, as far as self-trade prevention lets it come. */
  function reachable(order: PlaceCommand): number {
    let tonnes = 0;
    for (const maker of sides[other(order.side)]) {
      if (!reaches(order.side, order.price, maker.price)) break;
      if (maker.owner !== order.owner) tonnes += maker.tonnes;
      else if (order.selfTradePrevention !== "cancel-resting") break;
    }
    return tonnes;
  }

  function obstacleTo(order: PlaceCommand): CancelReason | null {
    if (order.timeInForce === "fok" && reachable(order) < order.tonnes) return "fill-or-kill";
    if (reachable(order) < (order.minimumTonnes ?? 0)) return "minimum-not-reached";
    const best = sides[other(order.side)][0];
    return order.postOnly === true && best !== undefined && reaches(order.side, order.price, best.price)
      ? "post-only"
      : null;
  }

  function place(order: PlaceCommand, emit: Emit): void {
    const { id, side, price } = order;
    emit({ kind: "accepted", id });
    const obstacle = obstacleTo(order);
    if (obstacle !== null) {
      emit(gone(order, null, obstacle));
      return;
    }
    const makers = sides[other(side)];
    let left = order.tonnes;
    while (left > 0) {
      const [maker] = makers;
      if (maker === undefined || !reaches(side, price, maker.price)) break;
      if (maker.owner === order.owner) {
        const mode = order.selfTradePrevention ?? "cancel-incoming";
        if (mode !== "cancel-incoming") {
          makers.shift();
          emit(gone(maker, "book", "self-trade"));
        }
        if (mode !== "cancel-resting") {
          emit(gone({ ...order, tonnes: left }, null, "self-trade"));
          return;
        }
        continue;
      }
      const tonnes = Math.min(left, maker.tonnes);
      left -= tonnes;
      maker.tonnes -= tonnes;
      if (maker.tonnes === 0) makers.shift();
      const facts = { side, price: maker.price, tonnes, makerLeft: maker.tonnes };
      emit({ kind: "traded", board: "book", taker: id, maker: maker.id, ...facts });
    }
    if (left === 0) return;
    if (order.timeInForce === "ioc") {
      emit(gone({ ...order, tonnes: left }, null, "immediate"));
      return;
    }
    insert(resting(order, left));
    emit({ kind: "rested", board: "book", id, side, price, tonnes: left });
  }

  function selectionFault(order: SelectCommand, target: Resting | undefined): RejectReason | null {
    if (target === undefined) return "order-unknown";
    if (target.side === order.side) return "side-invalid";
    if (target.owner === order.owner) return "self-trade";
    if (!reaches(order.side, order.price, target.price)) return "price-outside-limit";
    if (order.tonnes > target.tonnes) return "tonnes-unavailable";
    return order.tonnes < target.minimumTonnes ? "below-minimum" : null;
  }

  function select(order: SelectCommand, emit: Emit): void {
    const { id, side, tonnes } = order;
    const target = firm.find((each) => each.id === order.target);
    const fault = selectionFault(order, target);
    if (target === undefined || fault !== null) {
      emit({ kind: "rejected", id, reason: fault ?? "order-unknown" });
      return;
    }
    target.tonnes -= tonnes;
    target.minimumTonnes = 0;
    firm = firm.filter((each) => each.tonnes > 0);
    emit({ kind: "accepted", id });
    const facts = { side, price: target.price, tonnes, makerLeft: target.tonnes };
    emit({ kind: "traded", board: "put-through", taker: id, maker: target.id, ...facts });
  }

  function remove(found: readonly Resting[], reason: CancelReason, emit: Emit): void {
    for (const order of found) {
      const { id, board, side, price, tonnes } = order;
      sides[side] = sides[side].filter((each) => each !== order);
      firm = firm.filter((each) => each !== order);
      emit({ kind: "cancelled", board, id, side, price, tonnes, reason });
    }
  }

  return {
    apply(command: Command, emit: Emit): void {
      if (command.kind === "cancel") {
        const named = ({ id }: Resting) => id === command.id;
        const found = sides.buy.find(named) ?? sides.sell.find(named) ?? firm.find(named);
        if (found === undefined) emit({ kind: "rejected", id: command.id, reason: "order-unknown" });
        else remove([found], command.reason ?? "requested", emit);
        return;
      }
      if (command.kind === "cancel-owner") {
        const earliest = (a: Resting, b: Resting) => a.id - b.id;
        const all = [...sides.buy.toSorted(earliest), ...sides.sell.toSorted(earliest), ...firm];
        const found = all.filter(({ owner, side }) => owner === command.owner && (command.side ?? side) === side);
        remove(found, command.reason ?? "requested", emit);
        return;
      }
      const fault = faultOf(command);
      if (fault !== null) emit({ kind: "rejected", id: command.id, reason: fault });
      else if (command.kind === "place") place(command, emit);
      else if (command.kind === "select") select(command, emit);
      else {
        const { id, side, price, tonnes, minimumTonnes = 0 } = command;
        firm.push({ ...resting(command, tonnes), board: "put-through", minimumTonnes });
        emit({ kind: "accepted", id });
        emit({ kind: "rested", board: "put-through", id, side, price, tonnes });
      }
    },
    /** By id. */
    orders: (): StandingOrder[] => [...sides.buy, ...sides.sell, ...firm].sort((a, b) => a.id - b.id),
  };
}
