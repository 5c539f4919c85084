// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Money
/// @notice The settlement currency as an ERC-20 that only active participants hold, besides the exchange. The settlement bank mints
/// against money that arrived, and burns when it has paid out. One token is one minor unit; VND has none, so one token is one dong.
/// @dev The contract itself holds what is on its way out (`requestRedemption`), until the bank has paid or refuses.
/// References of deposits and payments are hashes of what the bank writes down; each is used once, for ever.
/// Above `singleApprovalLimit` two different accounts of the bank must agree.
interface ISettlementCash is IERC20 {
    enum RedemptionStatus {
        None,
        Requested,
        Paid,
        Refused
    }

    struct Redemption {
        address account;
        uint128 amount;
        RedemptionStatus status;
        /// @dev Who of the bank approved it first, when it needs two.
        address approver;
        /// @dev Hash of where the money shall go.
        bytes32 payoutHash;
    }

    event Minted(address indexed account, uint256 amount, bytes32 indexed depositReference, address indexed by);
    event MintProposed(address indexed account, uint256 amount, bytes32 indexed depositReference, address indexed by);
    event MintWithdrawn(bytes32 indexed depositReference, address indexed by);
    event RedemptionRequested(
        uint256 indexed redemptionId,
        address indexed account,
        uint256 amount,
        bytes32 payoutHash
    );
    event RedemptionApproved(uint256 indexed redemptionId, address indexed by);
    event RedemptionPaid(
        uint256 indexed redemptionId,
        address indexed account,
        uint256 amount,
        bytes32 indexed paymentReference,
        address by
    );
    event RedemptionRefused(
        uint256 indexed redemptionId,
        address indexed account,
        uint256 amount,
        bytes32 reasonHash,
        address by
    );
    event SingleApprovalLimitSet(uint256 limit);
    event CashRecovered(address indexed lostAccount, address indexed newAccount, uint256 amount);
    event CashPaused(address indexed by);
    event CashUnpaused(address indexed by);

    error CashAccountNotActive(address account);
    error CashAmountZero();
    error CashAboveLimit(uint256 amount, uint256 limit);
    error CashWithinLimit(uint256 amount, uint256 limit);
    /// @notice `supply` is what there is already.
    error CashSupplyExceeded(uint256 supply, uint256 limit);
    error CashReferenceUsed(bytes32 bankReference);
    /// @notice A reference, or the hash of where money shall go, is zero.
    error CashReferenceEmpty();
    error CashProposalUnknown(bytes32 depositReference);
    /// @notice What was proposed under the reference is this.
    error CashProposalMismatch(bytes32 depositReference, address account, uint256 amount);
    error CashSameOfficer(address officer);
    /// @notice The access manager's `execute` hides who acts; two-person functions must see it.
    error CashCallerHidden(address caller);
    error CashCallerNotAllowed(address caller, address account);
    error CashRedemptionNotOpen(uint256 redemptionId, RedemptionStatus status);
    error CashApprovalMissing(uint256 redemptionId);
    error CashNotReplaced(address account);
    error CashIsPaused();
    error CashNotPaused();

    /// @notice Up to the limit, by one account of the bank. Role: SETTLEMENT_BANK.
    function mint(address account, uint256 amount, bytes32 depositReference) external;
    /// @notice Above the limit: one proposes, another approves in the same words. Role: SETTLEMENT_BANK.
    function proposeMint(address account, uint256 amount, bytes32 depositReference) external;
    function approveMint(address account, uint256 amount, bytes32 depositReference) external;
    /// @notice The reference may be proposed again.
    function withdrawMint(bytes32 depositReference) external;

    /// @notice Asks for money to be paid out; sets it aside. By the account, or by the intents contract for it.
    function requestRedemption(
        address account,
        uint128 amount,
        bytes32 payoutHash
    ) external returns (uint256 redemptionId);
    /// @notice First of two agreements that a redemption above the limit needs. Role: SETTLEMENT_BANK.
    function approveRedemption(uint256 redemptionId) external;
    /// @notice The money was paid: burns it. Role: SETTLEMENT_BANK.
    function payRedemption(uint256 redemptionId, bytes32 paymentReference) external;
    /// @notice It cannot be paid: gives it back, to the account that asked, whatever became of it. Role: SETTLEMENT_BANK.
    function refuseRedemption(uint256 redemptionId, bytes32 reasonHash) external;

    /// @notice A transfer in the name of the holder who signed it. Only the intents contract may call.
    function transferFor(address from, address to, uint256 amount) external;

    /// @notice Moves everything of a lost account to its successor; again, when a refused redemption came back to it. Works while paused.
    /// Role: COMPLIANCE_OFFICER.
    function recover(address lostAccount) external returns (uint256 amount);
    /// @notice Stops every movement except recovery; moves nothing. Role: GUARDIAN.
    function pause() external;
    /// @notice Role: COMPLIANCE_OFFICER.
    function unpause() external;
    /// @notice Role: ADMIN.
    function setSingleApprovalLimit(uint256 limit) external;

    function paused() external view returns (bool);
    function singleApprovalLimit() external view returns (uint256);
    function redemption(uint256 redemptionId) external view returns (Redemption memory);
    function redemptionCount() external view returns (uint256);
    /// @notice Whether the reference is taken: by money that was minted or paid out, or by a proposal that stands.
    function isReferenceUsed(bytes32 bankReference) external view returns (bool);
    function MAX_SUPPLY() external view returns (uint256);
}
