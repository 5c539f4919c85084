import { lastingRow, passingRow } from "./row.js";

/** Errors of markets, whoever trades in them, and of the data that they give. */
export const instrumentErrors = {
  "instrument-unknown": lastingRow(
    422,
    "The batch is not listed for trading, or has no market definition",
    "Name an instrument that `GET /v1/instruments` shows with a `market`.",
  ),
  "market-closed": lastingRow(409, "The market is closed", "Send it again from `nextOpen` of the instrument on."),
  "market-halted": lastingRow(
    409,
    "The market is halted",
    "Read `stateReason` of the instrument; wait until the guardian or the compliance officer lets it resume.",
  ),
  "market-state-unchanged": lastingRow(
    409,
    "The market is in this state already",
    "Read `state` of the instrument: a market is halted once, and resumed once.",
  ),
  "price-off-tick": lastingRow(
    422,
    "The price is not a multiple of the tick",
    "Use a multiple of the instrument's `tick`.",
  ),
  "price-outside-band": lastingRow(
    422,
    "The price is outside the price band of the day",
    "Use a price within `priceBand` of the instrument.",
  ),
  "range-invalid": lastingRow(
    400,
    "The range ends before it begins, or is too long",
    "Ask for a shorter range, several times if need be.",
  ),
  "stream-too-old": lastingRow(
    410,
    "The stream does not go back that far",
    "Begin again without a number, or ask with `gap=snapshot` for a fresh snapshot in its place.",
  ),
  "too-many-streams": passingRow(
    429,
    "Too many streams are open",
    "Close a stream that is not needed, or wait for the stated time.",
    5,
  ),
} as const;
