import { contractRow } from "./row.js";

/** Errors of `Participants` and of ERC-7943's permission checks: who may act. */
export const participantsErrors = {
  "participants-tax-code-invalid": contractRow(
    "ParticipantsTaxCodeInvalid",
    422,
    "The tax code is malformed",
    "Give ten digits, and for a branch a hyphen and three digits.",
  ),
  "participants-tax-code-taken": contractRow(
    "ParticipantsTaxCodeTaken",
    409,
    "Another participant has this tax code",
    "Use the participant that exists; there is one per tax code.",
  ),
  "participants-capabilities-unknown": contractRow(
    "ParticipantsCapabilitiesUnknown",
    422,
    "A capability is unknown",
    "Give only capabilities that the API reference lists.",
  ),
  "participants-kyc-expired": contractRow(
    "ParticipantsKycExpired",
    422,
    "The due diligence has lapsed",
    "Renew the participant's due diligence: give an expiry in the future.",
  ),
  "participants-unknown": contractRow(
    "ParticipantsUnknown",
    404,
    "No such participant",
    "Check the participant's number; admit the participant first.",
  ),
  "participants-status-invalid": contractRow(
    "ParticipantsStatusInvalid",
    409,
    "The participant's status does not allow this",
    "Read the participant's status; a closed participant stays closed.",
  ),
  "participants-account-invalid": contractRow(
    "ParticipantsAccountInvalid",
    422,
    "The address cannot be an account",
    "Give an address that a participant controls; never zero or a contract of the ledger.",
  ),
  "participants-account-taken": contractRow(
    "ParticipantsAccountTaken",
    409,
    "The address was already an account of a participant",
    "Use a fresh address: an account belongs to one participant for ever.",
  ),
  "participants-account-unknown": contractRow(
    "ParticipantsAccountUnknown",
    404,
    "The participant has no such active account",
    "Read the participant's accounts and name one of them.",
  ),
  "participants-too-many-accounts": contractRow(
    "ParticipantsTooManyAccounts",
    409,
    "The participant has reached its limit of accounts",
    "Remove an account that is no longer used.",
  ),
  "participants-replacement-unknown": contractRow(
    "ParticipantsReplacementUnknown",
    404,
    "No replacement is proposed for this account",
    "Propose the replacement first.",
  ),
  "participants-replacement-mismatch": contractRow(
    "ParticipantsReplacementMismatch",
    409,
    "The replacement differs from what was proposed",
    "Read the proposal again; approve exactly its new account, or propose anew.",
  ),
  "participants-same-officer": contractRow(
    "ParticipantsSameOfficer",
    403,
    "The officer who proposed cannot approve",
    "Let another compliance officer approve.",
  ),
  "participants-caller-hidden": contractRow(
    "ParticipantsCallerHidden",
    403,
    "A decision of two officers cannot go through the access manager",
    "Call the contract directly, so that it sees who decides.",
  ),
  "erc7943-cannot-send": contractRow(
    "ERC7943CannotSend",
    403,
    "The sender is not an active participant's account",
    "Read the account and its participant: one is not active, or the due diligence has lapsed (as `participant-suspended`). " +
      "Ask the registrar or the compliance officer.",
  ),
  "erc7943-cannot-receive": contractRow(
    "ERC7943CannotReceive",
    403,
    "The receiver is not an active participant's account",
    "Read the receiving account and its participant: one is not active, or the due diligence has lapsed (as " +
      "`participant-suspended`). Name another account, or wait until the participant is reinstated.",
  ),
  "erc7943-cannot-transfer": contractRow(
    "ERC7943CannotTransfer",
    403,
    "This transfer is not permitted",
    "Check both parties' status and the amount that is free to move.",
  ),
  "erc7943-insufficient-unfrozen-balance": contractRow(
    "ERC7943InsufficientUnfrozenBalance",
    409,
    "Too few units are free: part of the holding is frozen",
    "Move at most the unfrozen tonnes, or ask the compliance officer about the freeze.",
  ),
} as const;
