// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Role numbers in the ledger's one `AccessManager`. Zero is the manager's own ADMIN_ROLE.
library Roles {
    uint64 internal constant ADMIN = 0;
    /// @notice Admits participants, keeps projects, proposes and approves issuances.
    uint64 internal constant REGISTRAR = 1;
    /// @notice A validation and verification body (VVB): its signature on a statement is what an issuance rests on.
    uint64 internal constant VERIFIER = 2;
    /// @notice Suspends, reinstates, freezes, and (two officers) replaces the lost key of a participant.
    uint64 internal constant COMPLIANCE_OFFICER = 3;
    /// @notice Pauses. Can stop everything, can move nothing; also cancels scheduled operations.
    uint64 internal constant GUARDIAN = 4;
    uint64 internal constant SETTLEMENT_BANK = 5;
    uint64 internal constant EXCHANGE_OPERATOR = 6;
    /// @notice Forced transfers. Held with an execution delay, during which the guardian can cancel.
    uint64 internal constant ENFORCEMENT = 7;
}
