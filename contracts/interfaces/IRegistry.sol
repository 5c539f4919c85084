// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What exists
/// @notice Projects, verification statements, issuances and batches.
/// Nothing is issued without a verifier's signed statement, a registrar's proposal and another registrar's approval.
/// @dev Codes are short ASCII strings (1 to 31 of `A-Z 0-9 - .`), left-aligned in a word; the ERC-1155 id of a batch is its code
/// read as a number. Days are counted from 1970-01-01 (day 0), so that a period has no time zone. Periods are inclusive.
interface IRegistry {
    /// @notice `Listed` -> `Validated` -> `Registered` -> `Completed`; `Registered` <-> `Inactive`; before `Registered` also
    /// `Rejected`; from any but `Rejected` and `Completed` also `Withdrawn`. `Rejected`, `Withdrawn` and `Completed` are final.
    enum ProjectStatus {
        None,
        Listed,
        Validated,
        Registered,
        Completed,
        Inactive,
        Rejected,
        Withdrawn
    }

    enum IssuanceStatus {
        None,
        Proposed,
        Approved,
        Rejected
    }

    /// @notice Which act counts as the first transfer under Article 6.2.
    enum FirstTransfer {
        Unspecified,
        Authorisation,
        Issuance,
        Use
    }

    struct Project {
        ProjectStatus status;
        uint32 ownerId;
        /// @dev Share of each issuance that goes to the buffer account, in basis points, rounded up to a whole tonne.
        uint16 bufferBasisPoints;
        bytes32 documentHash;
    }

    /// @notice What a verifier signs (EIP-712, domain of this contract).
    struct VerificationStatement {
        bytes32 projectCode;
        /// @dev First and last day of the monitoring period, inclusive, in days since 1970-01-01.
        uint32 periodStart;
        uint32 periodEnd;
        uint64 verifiedTonnes;
        /// @dev keccak-256 of the verification report.
        bytes32 reportHash;
        address verifier;
    }

    struct StatementRecord {
        bytes32 projectCode;
        uint32 periodStart;
        uint32 periodEnd;
        uint64 verifiedTonnes;
        /// @dev Proposed or approved so far; never above `verifiedTonnes`.
        uint64 claimedTonnes;
    }

    /// @notice A serial block of another programme's registry that backs an import. All zero for a domestic issuance.
    struct ForeignBlock {
        /// @dev Short code of the programme, as "VCS"; zero means: not an import.
        bytes32 programme;
        /// @dev Short code of the series within the programme, as "13488".
        bytes32 series;
        uint64 start;
        uint64 end;
    }

    struct Issuance {
        bytes32 statementId;
        /// @dev Code of the batch to be: never used before, even by a batch long gone or a rejected proposal.
        bytes32 batchCode;
        uint16 vintage;
        uint64 tonnes;
        /// @dev Receives the units less the buffer share. An active account of the project's owner.
        address recipient;
        ForeignBlock foreignBlock;
        /// @dev keccak-256 of the RFC 8785 canonical JSON of the issuance's public record.
        bytes32 documentHash;
    }

    struct Batch {
        bytes32 projectCode;
        uint16 vintage;
        /// @dev Bit set of `Authorisations` (Article 6 purposes).
        uint8 authorisations;
        FirstTransfer firstTransfer;
        /// @dev A revoked authorisation is remembered: it can never be granted again.
        bool authorisationRevoked;
        uint64 issuedTonnes;
    }

    event ProjectListed(
        bytes32 indexed projectCode,
        uint32 indexed ownerId,
        uint16 bufferBasisPoints,
        bytes32 documentHash
    );
    event ProjectStatusChanged(bytes32 indexed projectCode, ProjectStatus from, ProjectStatus to);
    event ProjectDocumentChanged(bytes32 indexed projectCode, bytes32 documentHash);
    event StatementRecorded(
        bytes32 indexed statementId,
        bytes32 indexed projectCode,
        address indexed verifier,
        uint32 periodStart,
        uint32 periodEnd,
        uint64 verifiedTonnes,
        bytes32 reportHash
    );
    event IssuanceProposed(
        bytes32 indexed issuanceId,
        bytes32 indexed batchCode,
        address indexed proposer,
        Issuance issuance
    );
    event IssuanceApproved(bytes32 indexed issuanceId, bytes32 indexed batchCode, address indexed approver);
    event IssuanceRejected(
        bytes32 indexed issuanceId,
        bytes32 indexed batchCode,
        address indexed rejecter,
        bytes32 reasonHash
    );
    event BatchIssued(
        uint256 indexed batchId,
        bytes32 indexed projectCode,
        bytes32 indexed statementId,
        uint16 vintage,
        uint64 tonnes,
        address recipient,
        uint64 bufferTonnes,
        address bufferAccount
    );
    event ForeignBlockRecorded(
        bytes32 indexed programme,
        bytes32 indexed series,
        uint64 start,
        uint64 end,
        uint256 indexed batchId
    );
    event BatchAuthorised(
        uint256 indexed batchId,
        uint8 authorisations,
        FirstTransfer firstTransfer,
        bytes32 documentHash
    );
    event BatchAuthorisationRevoked(uint256 indexed batchId, bytes32 reasonHash);
    event BufferAccountChanged(address indexed from, address indexed to);

    error RegistryCodeInvalid(bytes32 code);
    error RegistryCodeTaken(bytes32 code);
    error RegistryProjectUnknown(bytes32 projectCode);
    error RegistryProjectTransitionForbidden(bytes32 projectCode, ProjectStatus from, ProjectStatus to);
    error RegistryProjectNotRegistered(bytes32 projectCode, ProjectStatus status);
    error RegistryOwnerNotCapable(uint32 ownerId);
    error RegistryBufferShareInvalid(uint16 bufferBasisPoints);
    error RegistryBufferAccountInvalid(address bufferAccount);
    error RegistryPeriodInvalid(uint32 periodStart, uint32 periodEnd);
    /// @notice A day of the monitoring period is in the project's recorded period that starts at `existingStart`.
    error RegistryPeriodOverlap(uint32 existingStart);
    /// @notice Not the project's statement with the latest period before this one.
    error RegistryPreviousStatementInvalid(bytes32 previousStatementId);
    error RegistryTonnesInvalid(uint256 tonnes);
    /// @notice The signature is not `verifier`'s over this statement, for this chain and contract.
    error RegistryStatementSignatureInvalid(address verifier);
    error RegistryNotVerifier(address account);
    error RegistryStatementUnknown(bytes32 statementId);
    error RegistryStatementExceeded(bytes32 statementId, uint64 availableTonnes, uint64 tonnes);
    /// @notice The vintage is not a year of the monitoring period.
    error RegistryVintageOutsidePeriod(uint16 vintage, uint32 periodStart, uint32 periodEnd);
    error RegistryRecipientInvalid(address recipient, uint32 ownerId);
    error RegistryForeignBlockInvalid(uint64 start, uint64 end, uint64 tonnes);
    error RegistryIssuanceStatusInvalid(bytes32 issuanceId, IssuanceStatus status);
    /// @notice The registrar who proposed an issuance cannot approve it.
    error RegistrySameRegistrar(address registrar);
    /// @notice A decision of two registrars was called through the access manager, which would hide who called. Call directly.
    error RegistryCallerHidden(address caller);
    error RegistryBatchUnknown(uint256 batchId);
    error RegistryAuthorisationsInvalid(uint8 authorisations);
    error RegistryAuthorisationRevoked(uint256 batchId);

    /// @notice Role: REGISTRAR. The owner must be active and able to develop projects.
    function listProject(bytes32 projectCode, uint32 ownerId, uint16 bufferBasisPoints, bytes32 documentHash) external;

    /// @notice Role: REGISTRAR.
    function setProjectStatus(bytes32 projectCode, ProjectStatus status) external;

    /// @notice Role: REGISTRAR.
    function setProjectDocument(bytes32 projectCode, bytes32 documentHash) external;

    /// @notice Records a statement that a holder of the VERIFIER role signed. Anyone may deliver it; its signature is its authority.
    /// @param previousStatementId The project's statement with the latest period before this one; zero when there is none.
    /// @return statementId The EIP-712 digest of the statement.
    function recordStatement(
        VerificationStatement calldata statement,
        bytes calldata signature,
        bytes32 previousStatementId
    ) external returns (bytes32 statementId);

    /// @notice Role: REGISTRAR. Claims the tonnes against the statement and takes the code.
    /// @return issuanceId The hash of the issuance.
    function proposeIssuance(Issuance calldata issuance) external returns (bytes32 issuanceId);

    /// @notice Issues what another registrar proposed; the approver repeats what they approve. Role: REGISTRAR.
    /// @param foreignHint For an import: start of the greatest recorded block of the series below this one; zero when none or domestic.
    function approveIssuance(Issuance calldata issuance, uint64 foreignHint) external returns (uint256 batchId);

    /// @notice Returns the tonnes to the statement. The code stays taken. Role: REGISTRAR (the proposer may withdraw so).
    function rejectIssuance(Issuance calldata issuance, bytes32 reasonHash) external;

    /// @notice Records the host country's authorisation of a batch. Role: REGISTRAR. Purposes may be added, never dropped: see `revokeAuthorisation`.
    function authoriseBatch(
        uint256 batchId,
        uint8 authorisations,
        FirstTransfer firstTransfer,
        bytes32 documentHash
    ) external;

    /// @notice Final. Role: COMPLIANCE_OFFICER.
    function revokeAuthorisation(uint256 batchId, bytes32 reasonHash) external;

    /// @notice Where buffer shares go from now on. Role: ADMIN (delayed). The account must be active and able to hold the buffer.
    function setBufferAccount(address bufferAccount) external;

    function project(bytes32 projectCode) external view returns (Project memory);
    function statement(bytes32 statementId) external view returns (StatementRecord memory);
    function batch(uint256 batchId) external view returns (Batch memory);
    function issuanceStatus(bytes32 issuanceId) external view returns (IssuanceStatus);
    function bufferAccount() external view returns (address);
    /// @notice The EIP-712 digest of a statement, which is also its id.
    function hashStatement(VerificationStatement calldata statement) external view returns (bytes32);
    /// @notice keccak-256 of the ABI encoding of an issuance, which is its id.
    function hashIssuance(Issuance calldata issuance) external pure returns (bytes32);
    /// @notice True when the batch may be retired for `corsia` use: vintages before 2021 always, later ones only when authorised
    /// for international mitigation purposes. False for an unknown batch. Never reverts.
    function isCorsiaEligible(uint256 batchId) external view returns (bool);
}
