import { contractRow, type ErrorRow } from "./row.js";

const AUTHORITY = "Act with an account that holds the role, or ask an administrator for it.";
const SCHEDULE =
  "Schedule the act, wait out the role's delay, and send it with the same body before the schedule lapses.";
const LIBRARY = "This should not happen: report it with the transaction's hash.";
const ARGUMENT = "Correct the argument that the evidence names.";

const row = (solidity: string, status: number, title: string, remedy: string): ErrorRow =>
  contractRow(solidity, status, title, remedy);

/** Errors of the OpenZeppelin contracts that ours are built on. */
export const openzeppelinErrors = {
  "access-managed-unauthorized": row("AccessManagedUnauthorized", 403, "The caller lacks the role", AUTHORITY),
  "access-managed-required-delay": row("AccessManagedRequiredDelay", 403, "The act must be scheduled first", SCHEDULE),
  "access-managed-invalid-authority": row(
    "AccessManagedInvalidAuthority",
    422,
    "The authority is not a contract",
    ARGUMENT,
  ),
  "access-manager-already-scheduled": row(
    "AccessManagerAlreadyScheduled",
    409,
    "The operation is scheduled already",
    "Wait out the delay and send the act itself, or cancel the schedule first.",
  ),
  "access-manager-not-scheduled": row("AccessManagerNotScheduled", 409, "The operation is not scheduled", SCHEDULE),
  "access-manager-not-ready": row(
    "AccessManagerNotReady",
    409,
    "The delay has not passed yet",
    "Send the act again once the delay of the role is over.",
  ),
  "access-manager-expired": row(
    "AccessManagerExpired",
    409,
    "The scheduled operation has lapsed",
    "Schedule the act again, and send it before the schedule lapses.",
  ),
  "access-manager-locked-role": row(
    "AccessManagerLockedRole",
    409,
    "This role cannot be changed",
    "Leave this role as it is: it belongs to the access manager itself.",
  ),
  "access-manager-locked-function": row(
    "AccessManagerLockedFunction",
    409,
    "This function cannot be changed",
    "Leave this function as it is: it belongs to the access manager itself.",
  ),
  "access-manager-bad-confirmation": row(
    "AccessManagerBadConfirmation",
    422,
    "The confirmation is not the caller",
    ARGUMENT,
  ),
  "access-manager-unauthorized-account": row(
    "AccessManagerUnauthorizedAccount",
    403,
    "The account lacks the role",
    AUTHORITY,
  ),
  "access-manager-unauthorized-call": row(
    "AccessManagerUnauthorizedCall",
    403,
    "The caller may not call this function",
    "Act with an account that holds the role; schedule only what the role makes wait.",
  ),
  "access-manager-unauthorized-consume": row(
    "AccessManagerUnauthorizedConsume",
    403,
    "The contract may not consume scheduled operations",
    AUTHORITY,
  ),
  "access-manager-unauthorized-cancel": row(
    "AccessManagerUnauthorizedCancel",
    403,
    "The caller may not cancel this operation",
    "Let the account that scheduled the act, a guardian of its role, or an administrator cancel it.",
  ),
  "access-manager-invalid-initial-admin": row(
    "AccessManagerInvalidInitialAdmin",
    422,
    "The first administrator is invalid",
    ARGUMENT,
  ),
  "erc1155-insufficient-balance": row(
    "ERC1155InsufficientBalance",
    409,
    "The holding is smaller than the amount",
    "Read the holding and name at most its tonnes.",
  ),
  "erc1155-invalid-sender": row("ERC1155InvalidSender", 422, "The sender is invalid", ARGUMENT),
  "erc1155-invalid-receiver": row(
    "ERC1155InvalidReceiver",
    422,
    "The receiver is invalid or refuses units",
    "Name an account without code, or a contract that accepts ERC-1155 units.",
  ),
  "erc1155-missing-approval-for-all": row(
    "ERC1155MissingApprovalForAll",
    403,
    "The caller is not approved by the holder",
    "Let the holder act, or approve the caller.",
  ),
  "erc1155-invalid-approver": row("ERC1155InvalidApprover", 422, "The approver is invalid", ARGUMENT),
  "erc1155-invalid-operator": row("ERC1155InvalidOperator", 422, "The operator is invalid", ARGUMENT),
  "erc1155-invalid-array-length": row("ERC1155InvalidArrayLength", 422, "The lists differ in length", ARGUMENT),
  "erc20-insufficient-balance": row(
    "ERC20InsufficientBalance",
    409,
    "The account has less money than the amount",
    "Read the balance and name at most that.",
  ),
  "erc20-insufficient-allowance": row(
    "ERC20InsufficientAllowance",
    403,
    "The holder allowed the caller less than the amount",
    "Let the holder act, or allow more.",
  ),
  "erc20-invalid-sender": row("ERC20InvalidSender", 422, "The sender is invalid", ARGUMENT),
  "erc20-invalid-receiver": row("ERC20InvalidReceiver", 422, "The receiver is invalid", ARGUMENT),
  "erc20-invalid-approver": row("ERC20InvalidApprover", 422, "The approver is invalid", ARGUMENT),
  "erc20-invalid-spender": row("ERC20InvalidSpender", 422, "The spender is invalid", ARGUMENT),
  "erc721-invalid-owner": row("ERC721InvalidOwner", 422, "The owner is invalid", ARGUMENT),
  "erc721-nonexistent-token": row("ERC721NonexistentToken", 404, "No such certificate", "Check the number."),
  "erc721-incorrect-owner": row("ERC721IncorrectOwner", 409, "The certificate belongs to another account", ARGUMENT),
  "erc721-invalid-sender": row("ERC721InvalidSender", 422, "The sender is invalid", ARGUMENT),
  "erc721-invalid-receiver": row("ERC721InvalidReceiver", 422, "The receiver is invalid", ARGUMENT),
  "erc721-insufficient-approval": row(
    "ERC721InsufficientApproval",
    403,
    "The caller is not approved",
    "Leave the certificate where it is: it can be neither transferred nor approved.",
  ),
  "erc721-invalid-approver": row("ERC721InvalidApprover", 422, "The approver is invalid", ARGUMENT),
  "erc721-invalid-operator": row("ERC721InvalidOperator", 422, "The operator is invalid", ARGUMENT),
  "string-too-long": row("StringTooLong", 422, "A text is too long", ARGUMENT),
  "invalid-short-string": row("InvalidShortString", 500, "A stored text is broken", LIBRARY),
  "ecdsa-invalid-signature": row("ECDSAInvalidSignature", 422, "The signature is malformed", ARGUMENT),
  "ecdsa-invalid-signature-length": row(
    "ECDSAInvalidSignatureLength",
    422,
    "The signature has a wrong length",
    ARGUMENT,
  ),
  "ecdsa-invalid-signature-s": row(
    "ECDSAInvalidSignatureS",
    422,
    "The signature is not in its low form",
    "Use a signer that yields the low form of s.",
  ),
  "safe-cast-overflowed-uint-downcast": row("SafeCastOverflowedUintDowncast", 422, "A number is too large", ARGUMENT),
  "safe-cast-overflowed-int-to-uint": row("SafeCastOverflowedIntToUint", 422, "A number is negative", ARGUMENT),
  "safe-cast-overflowed-int-downcast": row("SafeCastOverflowedIntDowncast", 422, "A number is too large", ARGUMENT),
  "safe-cast-overflowed-uint-to-int": row("SafeCastOverflowedUintToInt", 422, "A number is too large", ARGUMENT),
  "strings-insufficient-hex-length": row(
    "StringsInsufficientHexLength",
    500,
    "A number does not fit its text",
    LIBRARY,
  ),
  "strings-invalid-char": row("StringsInvalidChar", 422, "A text has a character that is not allowed", ARGUMENT),
  "strings-invalid-address-format": row("StringsInvalidAddressFormat", 422, "An address is malformed", ARGUMENT),
  "reentrancy-guard-reentrant-call": row("ReentrancyGuardReentrantCall", 409, "The contract was re-entered", LIBRARY),
  "address-empty-code": row("AddressEmptyCode", 422, "There is no contract at the address", ARGUMENT),
  "insufficient-balance": row(
    "InsufficientBalance",
    409,
    "The sender lacks native currency",
    "Report it with the transaction's hash: the ledger needs no native currency.",
  ),
  "failed-call": row(
    "FailedCall",
    409,
    "A call to another contract failed",
    "Check the contract that the evidence or the transaction names: it refused the call.",
  ),
  "failed-deployment": row("FailedDeployment", 500, "A deployment failed", LIBRARY),
  "missing-precompile": row("MissingPrecompile", 500, "The chain lacks a precompiled contract", LIBRARY),
  "checkpoint-unordered-insertion": row(
    "CheckpointUnorderedInsertion",
    500,
    "History was written out of order",
    LIBRARY,
  ),
} as const;
