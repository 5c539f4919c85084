import { MAX_TONNES, type OfferCommand, type PlaceCommand, type RejectReason, type SelectCommand } from "./types.js";

/** What is wrong with the numbers of an order, or with its conditions taken together; null: nothing. */
export function faultOf(order: PlaceCommand | OfferCommand | SelectCommand): RejectReason | null {
  if (!Number.isSafeInteger(order.owner) || order.owner < 0) return "owner-invalid";
  if (!Number.isSafeInteger(order.price) || order.price <= 0) return "price-invalid";
  if (!Number.isSafeInteger(order.tonnes) || order.tonnes <= 0 || order.tonnes > MAX_TONNES) return "tonnes-invalid";
  if (order.kind === "select") return null;
  const minimum = order.minimumTonnes ?? 0;
  if (!Number.isSafeInteger(minimum) || minimum < 0 || minimum > order.tonnes) return "minimum-invalid";
  return order.kind === "place" && !combines(order, minimum) ? "combination-invalid" : null;
}

function combines(order: PlaceCommand, minimum: number): boolean {
  const rests = order.timeInForce !== "ioc" && order.timeInForce !== "fok";
  if (order.type === "market" && rests) return false;
  return order.postOnly !== true || (rests && minimum === 0);
}
