// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SerialBlock} from "../libraries/SerialBlock.sol";

/// @title What is gone for good
/// @notice Permanent retirement (use, with a beneficiary and a purpose) and cancellation (any other reason), kept apart.
/// The hash of every record is stored; the record itself is emitted. Each retirement mints a certificate to the retiring account:
/// an ERC-721 token with the retirement's number that can never be transferred (ERC-5192).
/// @dev The name of a natural person never enters: give `beneficiaryCommitment` (a salted hash) and leave `beneficiary` empty.
interface IRetirements {
    enum Purpose {
        Voluntary,
        Compliance,
        Corsia,
        Other
    }

    enum CancellationReason {
        Error,
        Invalidation,
        RegistryMove,
        Reversal,
        Other
    }

    /// @notice What the holder asks for, and signs in a retirement intent.
    struct RetirementOrder {
        uint256 batchId;
        uint256 tonnes;
        /// @dev Empty: any units. Otherwise exactly these, which must add up to `tonnes`.
        SerialBlock[] blocks;
        /// @dev Name of the organisation on whose behalf the units are used. Empty for a natural person.
        string beneficiary;
        /// @dev LEI or tax code of the beneficiary; may be empty.
        string beneficiaryId;
        /// @dev Salted commitment to the name of a natural person; zero for an organisation.
        bytes32 beneficiaryCommitment;
        Purpose purpose;
        string reason;
        string details;
        /// @dev ISO 3166-1 alpha-2, upper case; zero when not stated.
        bytes2 consumptionCountry;
        /// @dev First and last day of the consumption period, in days since 1970-01-01; both zero when not stated.
        uint32 consumptionPeriodStart;
        uint32 consumptionPeriodEnd;
    }

    struct CancellationOrder {
        uint256 batchId;
        uint256 tonnes;
        SerialBlock[] blocks;
        CancellationReason reason;
        string details;
    }

    /// @param order As given, with `blocks` replaced by the serial blocks that were retired.
    /// @param participantId The retiring entity.
    event Retired(
        uint256 indexed retirementId,
        address indexed account,
        uint256 indexed batchId,
        uint32 participantId,
        uint64 retiredAt,
        RetirementOrder order
    );
    event Cancelled(
        uint256 indexed cancellationId,
        address indexed account,
        uint256 indexed batchId,
        uint32 participantId,
        uint64 cancelledAt,
        CancellationOrder order
    );
    event BaseUriChanged(string baseUri);

    error RetirementsCallerNotAllowed(address caller, address account);
    error RetirementsAccountNotActive(address account);
    /// @notice Exactly one of the beneficiary's name and the commitment must be given, and no `beneficiaryId` beside a commitment.
    error RetirementsBeneficiaryInvalid();
    error RetirementsTextTooLong(uint256 length, uint256 limit);
    error RetirementsCountryInvalid(bytes2 country);
    error RetirementsPeriodInvalid(uint32 start, uint32 end);
    /// @notice Vintage 2021 or later without authorisation for international mitigation purposes.
    error RetirementsNotCorsiaEligible(uint256 batchId);
    error RetirementsUnknown(uint256 retirementId);
    /// @notice Certificates cannot be transferred or approved.
    error RetirementsCertificateLocked(uint256 retirementId);
    /// @notice Empty, or longer than 200 bytes.
    error RetirementsBaseUriInvalid();

    /// @notice Caller: the holder, or the intents contract with the holder's signature.
    function retire(address account, RetirementOrder calldata order) external returns (uint256 retirementId);

    /// @notice Caller: the holder, or the intents contract with the holder's signature.
    function cancel(address account, CancellationOrder calldata order) external returns (uint256 cancellationId);

    /// @notice Where certificates are described: `tokenURI` is this followed by the retirement's number. Role: ADMIN (delayed).
    function setBaseUri(string calldata baseUri) external;

    /// @notice keccak-256 of the ABI encoding (retirementId, account, participantId, retiredAt, order with the blocks retired). Reverts when unknown.
    function retirementHash(uint256 retirementId) external view returns (bytes32);
    /// @notice keccak-256 of the ABI encoding (cancellationId, account, participantId, cancelledAt, order with the blocks cancelled). Reverts when unknown.
    function cancellationHash(uint256 cancellationId) external view returns (bytes32);
    function retirementCount() external view returns (uint256);
    function cancellationCount() external view returns (uint256);
}
