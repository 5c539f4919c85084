import { contractRow } from "./row.js";

/** Errors of `Units` and `Intents`: who holds which tonnes, and what a holder signed. */
export const unitsErrors = {
  "units-paused": contractRow(
    "UnitsPaused",
    409,
    "All movements are paused",
    "Wait until a compliance officer lifts the pause.",
  ),
  "units-batch-paused": contractRow(
    "UnitsBatchPaused",
    409,
    "Movements of this batch are paused",
    "Wait until a compliance officer lifts the pause of the batch.",
  ),
  "units-not-paused": contractRow(
    "UnitsNotPaused",
    409,
    "Nothing is paused",
    "There is no pause to lift: read `paused` at `GET /v1/chain`, or of the batch.",
  ),
  "units-caller-not-allowed": contractRow(
    "UnitsCallerNotAllowed",
    403,
    "The caller may not move this holder's units",
    "Let the holder sign the intent.",
  ),
  "units-amount-zero": contractRow("UnitsAmountZero", 422, "The amount is zero", "Name at least one tonne."),
  "units-insufficient-balance": contractRow(
    "UnitsInsufficientBalance",
    409,
    "The holding is smaller than the amount",
    "Read the holding and name at most its tonnes.",
  ),
  "units-block-invalid": contractRow(
    "UnitsBlockInvalid",
    422,
    "A serial block is malformed",
    "Give start and end inclusive, from 1 on, with start not above end.",
  ),
  "units-block-not-held": contractRow(
    "UnitsBlockNotHeld",
    409,
    "The named serials are not inside one block of the holder",
    "Read the holding's blocks; name serials inside one of them, each serial once.",
  ),
  "units-too-many-blocks": contractRow(
    "UnitsTooManyBlocks",
    409,
    "The operation would touch too many serial blocks",
    "Split it: move at most `movableTonnes` first, or name at most `limit` blocks.",
  ),
  "units-tonnes-mismatch": contractRow(
    "UnitsTonnesMismatch",
    422,
    "The named blocks do not add up to the tonnes",
    "Make the sum of end - start + 1 over the blocks equal to the tonnes.",
  ),
  "units-blocks-not-adjacent": contractRow(
    "UnitsBlocksNotAdjacent",
    409,
    "The blocks are not adjacent",
    "Merge only blocks where one starts right after the other ends.",
  ),
  "units-block-index-invalid": contractRow(
    "UnitsBlockIndexInvalid",
    409,
    "There is no block at this place in the holding",
    "Read the holding's blocks again: their order changes when units move.",
  ),
  "units-batch-exists": contractRow(
    "UnitsBatchExists",
    409,
    "The batch was issued before",
    "Choose another code: a batch is issued once.",
  ),
  "units-not-replaced": contractRow(
    "UnitsNotReplaced",
    409,
    "The account was not replaced",
    "Let two compliance officers replace the account first; then recover its holdings.",
  ),
  "intents-expired": contractRow(
    "IntentsExpired",
    409,
    "The intent's deadline has passed",
    "Sign a new intent with a later deadline.",
  ),
  "intents-nonce-used": contractRow(
    "IntentsNonceUsed",
    409,
    "The intent was executed or revoked before",
    "Look up the operation of this intent; sign a new intent with a fresh nonce for another act.",
  ),
  "intents-signature-invalid": contractRow(
    "IntentsSignatureInvalid",
    422,
    "The signature is not the account's over this intent",
    "Sign exactly this intent with the account's key, for this chain and contract.",
  ),
  "intents-too-many": contractRow(
    "IntentsTooMany",
    422,
    "Too many intents in one transaction",
    "Split the batch at the limit in the evidence.",
  ),
  "intents-payload-invalid": contractRow(
    "IntentsPayloadInvalid",
    422,
    "The intent's payload does not decode",
    "Encode the struct that the intent's kind names.",
  ),
  "intents-tonnes-invalid": contractRow(
    "IntentsTonnesInvalid",
    422,
    "More tonnes than there can be",
    "Name at most 2^64 - 1 tonnes.",
  ),
  "intents-gas-too-low": contractRow(
    "IntentsGasTooLow",
    422,
    "The transaction carries too little gas for its intents",
    "Raise the gas limit, or send fewer intents.",
  ),
  "intents-only-self": contractRow(
    "IntentsOnlySelf",
    403,
    "Only the contract itself may call this",
    "Use the batch entry point.",
  ),
  "intents-empty": contractRow("IntentsEmpty", 422, "The batch has no intents", "Send at least one intent."),
} as const;
