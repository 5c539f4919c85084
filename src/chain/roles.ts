/**
 * Who may call what: the twin of `contracts/libraries/Roles.sol`, and the one table that the deployment turns into the access
 * manager's settings. A test holds the first equal to the Solidity file and the second to the contracts' own refusals.
 */

/** Role numbers in the access manager. */
export const ROLES = {
  ADMIN: 0n,
  REGISTRAR: 1n,
  VERIFIER: 2n,
  COMPLIANCE_OFFICER: 3n,
  GUARDIAN: 4n,
  SETTLEMENT_BANK: 5n,
  EXCHANGE_OPERATOR: 6n,
  ENFORCEMENT: 7n,
} as const;

export type RoleName = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as [RoleName, ...RoleName[]];

/** Contract, role, functions: every restricted function of the ledger, once. */
export const FUNCTION_ROLES = {
  Participants: {
    REGISTRAR: ["admit", "update", "close", "addAccount", "removeAccount"],
    COMPLIANCE_OFFICER: ["suspend", "reinstate", "proposeReplacement", "withdrawReplacement", "approveReplacement"],
  },
  Registry: {
    REGISTRAR: [
      "listProject",
      "setProjectStatus",
      "setProjectDocument",
      "proposeIssuance",
      "approveIssuance",
      "rejectIssuance",
      "authoriseBatch",
    ],
    COMPLIANCE_OFFICER: ["revokeAuthorisation"],
    ADMIN: ["setBufferAccount"],
  },
  Units: {
    COMPLIANCE_OFFICER: ["setFrozenTokens", "recover", "unpause", "unpauseBatch"],
    GUARDIAN: ["pause", "pauseBatch"],
    ENFORCEMENT: ["forcedTransfer"],
  },
  Retirements: {
    ADMIN: ["setBaseUri"],
  },
  SettlementCash: {
    SETTLEMENT_BANK: [
      "mint",
      "proposeMint",
      "approveMint",
      "withdrawMint",
      "approveRedemption",
      "payRedemption",
      "refuseRedemption",
    ],
    ADMIN: ["setSingleApprovalLimit"],
    GUARDIAN: ["pause"],
    COMPLIANCE_OFFICER: ["unpause", "recover"],
  },
  Exchange: {
    EXCHANGE_OPERATOR: ["settle", "settleDeals", "serveWithdrawals"],
    REGISTRAR: ["listInstrument"],
    ADMIN: ["setFee", "setFeeAccount"],
    COMPLIANCE_OFFICER: ["recover"],
  },
} as const satisfies Record<string, Partial<Record<RoleName, readonly string[]>>>;

/** Who, besides the admin, may cancel what a role's holder has scheduled. */
export const ROLE_GUARDIANS = {
  ENFORCEMENT: "GUARDIAN",
} as const satisfies Partial<Record<RoleName, RoleName>>;
