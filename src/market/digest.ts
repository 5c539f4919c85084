import { CodeError } from "../chain/codes.js";
import { TypedDataError } from "../chain/typed-data.js";
import type { IntentDomain } from "../chain/intents.js";
import { hashOrder, orderOf, type OrderJson } from "../chain/orders.js";
import { Problem } from "../errors.js";

/** The order's digest. @throws Problem `validation-failed` when a number or a code does not fit into what is signed */
export function orderDigest(order: OrderJson, domain: IntentDomain): string {
  try {
    return hashOrder(orderOf(order), domain);
  } catch (error) {
    if (error instanceof CodeError || error instanceof TypedDataError)
      throw new Problem("validation-failed", error.message, {}, { cause: error });
    throw error;
  }
}
