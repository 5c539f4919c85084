import type { OfferCommand, SelectCommand, Side, StandingOrder, RejectReason } from "./types.js";

/** A firm order on the board. `tonnes` and `minimumTonnes` change with the first selection. */
export interface FirmOrder extends StandingOrder {
  readonly board: "put-through";
  tonnes: number;
  minimumTonnes: number;
}

/** Firm orders, by id and by owner. Nothing here matches by itself. */
export class PutThroughBoard {
  private readonly byId = new Map<number, FirmOrder>();
  private readonly byOwner = new Map<number, Map<number, FirmOrder>>();

  get count(): number {
    return this.byId.size;
  }

  add({ id, owner, side, price, tonnes, minimumTonnes = 0 }: Omit<OfferCommand, "kind">): void {
    const order: FirmOrder = { id, board: "put-through", owner, side, price, tonnes, minimumTonnes };
    this.byId.set(id, order);
    const owned = this.byOwner.get(owner);
    if (owned === undefined) this.byOwner.set(owner, new Map([[id, order]]));
    else owned.set(id, order);
  }

  find(id: number): FirmOrder | undefined {
    return this.byId.get(id);
  }

  remove(order: FirmOrder): void {
    this.byId.delete(order.id);
    const owned = this.byOwner.get(order.owner);
    owned?.delete(order.id);
    if (owned?.size === 0) this.byOwner.delete(order.owner);
  }

  /** Takes what was selected; an order with nothing left goes. The first selection has met the minimum. */
  reduce(order: FirmOrder, tonnes: number): void {
    order.tonnes -= tonnes;
    order.minimumTonnes = 0;
    if (order.tonnes === 0) this.remove(order);
  }

  /** Earlier first. */
  ownedBy(owner: number, side: Side | undefined): FirmOrder[] {
    const owned = this.byOwner.get(owner);
    return owned === undefined ? [] : [...owned.values()].filter((order) => side === undefined || order.side === side);
  }

  /** Earlier first. */
  all(): FirmOrder[] {
    return [...this.byId.values()];
  }
}

/** Why a selection cannot take this firm order; null: it can. */
export function selectionFault(select: SelectCommand, target: FirmOrder | undefined): RejectReason | null {
  if (target === undefined) return "order-unknown";
  if (select.side === target.side) return "side-invalid";
  if (select.owner === target.owner) return "self-trade";
  if (select.side === "buy" ? select.price < target.price : select.price > target.price) return "price-outside-limit";
  if (select.tonnes > target.tonnes) return "tonnes-unavailable";
  return select.tonnes < target.minimumTonnes ? "below-minimum" : null;
}
