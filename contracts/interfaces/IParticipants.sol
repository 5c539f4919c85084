// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who may act
/// @notice The legal entities admitted to the ledger, what each may do, and the accounts (addresses) that act for them.
/// One participant per tax code. An account belongs to one participant, for ever: a removed account is never handed to another.
/// @dev Personal data never enters this contract: a participant is a number, a tax code and the hash of a document kept elsewhere.
interface IParticipants {
    /// @notice Life of a participant. `None` -> `Active` <-> `Suspended`; `Active` or `Suspended` -> `Closed`, which is final.
    enum ParticipantStatus {
        None,
        Active,
        Suspended,
        Closed
    }

    /// @notice Life of an account. `Removed` and `Replaced` are final. `Replaced` means: lost key, holdings may be recovered to its successor.
    enum AccountStatus {
        None,
        Active,
        Removed,
        Replaced
    }

    struct Participant {
        /// @dev The tax code as a number (see `TaxCode`): ten digits, and the branch suffix when there is one.
        uint64 taxCode;
        ParticipantStatus status;
        /// @dev Bit set of `Capabilities`.
        uint32 capabilities;
        /// @dev Unix time, in seconds, after which the participant's due diligence has lapsed and it may no longer act.
        uint48 kycExpiresAt;
        /// @dev How many of its accounts are active.
        uint32 accountCount;
        /// @dev keccak-256 of the RFC 8785 canonical JSON of the participant's public record.
        bytes32 documentHash;
    }

    event ParticipantAdmitted(
        uint32 indexed participantId,
        string taxCode,
        uint32 capabilities,
        uint48 kycExpiresAt,
        bytes32 documentHash
    );
    event ParticipantSuspended(uint32 indexed participantId, bytes32 reasonHash);
    event ParticipantReinstated(uint32 indexed participantId);
    event ParticipantClosed(uint32 indexed participantId);
    event ParticipantUpdated(
        uint32 indexed participantId,
        uint32 capabilities,
        uint48 kycExpiresAt,
        bytes32 documentHash
    );
    event AccountAdded(uint32 indexed participantId, address indexed account);
    event AccountRemoved(uint32 indexed participantId, address indexed account);
    event AccountReplacementProposed(
        uint32 indexed participantId,
        address indexed lostAccount,
        address indexed newAccount,
        address proposer
    );
    event AccountReplacementWithdrawn(uint32 indexed participantId, address indexed lostAccount);
    event AccountReplaced(
        uint32 indexed participantId,
        address indexed lostAccount,
        address indexed newAccount,
        address proposer,
        address approver
    );

    error ParticipantsTaxCodeInvalid(string taxCode);
    error ParticipantsTaxCodeTaken(string taxCode, uint32 participantId);
    error ParticipantsCapabilitiesUnknown(uint32 capabilities);
    error ParticipantsKycExpired(uint48 kycExpiresAt);
    error ParticipantsUnknown(uint32 participantId);
    /// @notice The participant is not in a status from which the act is possible.
    error ParticipantsStatusInvalid(uint32 participantId, ParticipantStatus status);
    error ParticipantsAccountInvalid(address account);
    error ParticipantsAccountTaken(address account, uint32 participantId);
    error ParticipantsAccountUnknown(uint32 participantId, address account);
    error ParticipantsTooManyAccounts(uint32 participantId, uint256 limit);
    error ParticipantsReplacementUnknown(address lostAccount);
    error ParticipantsReplacementMismatch(address lostAccount, address proposedAccount, address givenAccount);
    /// @notice The officer who proposed a replacement cannot approve it.
    error ParticipantsSameOfficer(address officer);
    /// @notice A decision of two officers was called through the access manager, which would hide who called. Call directly.
    error ParticipantsCallerHidden(address caller);

    /// @notice Admits a legal entity and its first account.
    /// @dev Role: REGISTRAR. `taxCode` is ten digits, or ten digits, a hyphen and three digits.
    function admit(
        string calldata taxCode,
        uint32 capabilities,
        uint48 kycExpiresAt,
        bytes32 documentHash,
        address firstAccount
    ) external returns (uint32 participantId);

    /// @notice Renews due diligence or changes capabilities or the public record. Role: REGISTRAR. Not for closed participants.
    function update(uint32 participantId, uint32 capabilities, uint48 kycExpiresAt, bytes32 documentHash) external;

    /// @notice Stops all that the participant could do; its holdings stay where they are. Role: COMPLIANCE_OFFICER.
    /// @param reasonHash keccak-256 of the reasoned decision, kept elsewhere.
    function suspend(uint32 participantId, bytes32 reasonHash) external;

    /// @notice Role: COMPLIANCE_OFFICER.
    function reinstate(uint32 participantId) external;

    /// @notice Ends the participation. Final. Role: REGISTRAR. What it still holds can only leave by a forced transfer.
    function close(uint32 participantId) external;

    /// @notice Adds an account. Role: REGISTRAR. The participant must be active.
    function addAccount(uint32 participantId, address account) external;

    /// @notice Removes an account. Role: REGISTRAR. What it holds can only leave by a forced transfer or after `addAccount` is never possible again for it.
    function removeAccount(uint32 participantId, address account) external;

    /// @notice First half of replacing an account whose key is lost. Role: COMPLIANCE_OFFICER. A new proposal overwrites the last.
    function proposeReplacement(address lostAccount, address newAccount) external;

    /// @notice Role: COMPLIANCE_OFFICER.
    function withdrawReplacement(address lostAccount) external;

    /// @notice Second half, by another officer, who repeats what they approve. Role: COMPLIANCE_OFFICER.
    /// The lost account becomes `Replaced`; `Units.recover` may then carry its holdings to the successor.
    function approveReplacement(address lostAccount, address newAccount) external;

    /// @notice True when `account` is active, its participant is active, and its due diligence has not lapsed. Never reverts.
    function isActive(address account) external view returns (bool);

    /// @notice True when `isActive(account)` and its participant has every capability in `capabilities`. Never reverts.
    function isCapable(address account, uint32 capabilities) external view returns (bool);

    /// @notice Both answers in one call, for transfers. Never reverts.
    function areActive(address first, address second) external view returns (bool firstActive, bool secondActive);

    function participant(uint32 participantId) external view returns (Participant memory);

    /// @notice Zero when the account was never added.
    function participantOf(address account) external view returns (uint32 participantId);

    function accountStatus(address account) external view returns (AccountStatus);

    /// @notice The account that replaced `lostAccount`; zero when there is none.
    function successorOf(address lostAccount) external view returns (address);

    /// @notice Zero when no participant has this tax code. Reverts when the code is malformed.
    function participantByTaxCode(string calldata taxCode) external view returns (uint32 participantId);

    function participantCount() external view returns (uint32);

    /// @notice Moves on with everything that can take a right away: an update, a suspension, a closing, an account that was removed or
    /// replaced. As long as it stands still, who might act before may act now, until the day when due diligence lapses.
    function standingVersion() external view returns (uint32);
}
