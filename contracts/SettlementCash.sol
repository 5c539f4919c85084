// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IExchange} from "./interfaces/IExchange.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {ISettlementCash} from "./interfaces/ISettlementCash.sol";

/// @title Money
/// @dev Every way in which an amount changes hands is a function of this file; the base contract's `_update` adds no rule of its own.
/// What this contract holds itself is the sum of the redemptions that are open.
contract SettlementCash is ISettlementCash, ERC20, AccessManaged {
    /// @dev Stands as long as `proposer` is not zero.
    struct MintProposal {
        address account;
        uint96 amount;
        address proposer;
    }

    /// @inheritdoc ISettlementCash
    uint256 public constant MAX_SUPPLY = type(uint72).max;

    IParticipants private immutable PARTICIPANTS;
    address private immutable EXCHANGE;
    address private immutable INTENTS;
    uint8 private immutable DECIMALS;

    /// @inheritdoc ISettlementCash
    bool public paused;
    /// @inheritdoc ISettlementCash
    uint256 public singleApprovalLimit;
    /// @inheritdoc ISettlementCash
    uint256 public redemptionCount;
    mapping(uint256 redemptionId => Redemption) private _redemptions;
    mapping(bytes32 depositReference => MintProposal) private _proposals;
    mapping(bytes32 bankReference => bool) private _usedReferences;

    constructor(
        address authority,
        address participants,
        address exchange,
        address intents,
        string memory name,
        string memory symbol,
        uint8 decimals_,
        uint256 singleApprovalLimit_
    ) ERC20(name, symbol) AccessManaged(authority) {
        PARTICIPANTS = IParticipants(participants);
        EXCHANGE = exchange;
        INTENTS = intents;
        DECIMALS = decimals_;
        singleApprovalLimit = singleApprovalLimit_;

        emit SingleApprovalLimitSet(singleApprovalLimit_);
    }

    /// @inheritdoc ISettlementCash
    function mint(address account, uint256 amount, bytes32 depositReference) external restricted {
        uint256 limit = singleApprovalLimit;

        _checkNewReference(depositReference);
        if (amount > limit) revert CashAboveLimit(amount, limit);

        _mintDeposit(account, amount, depositReference);
    }

    /// @inheritdoc ISettlementCash
    /// @dev Nothing moves: this works while paused.
    function proposeMint(address account, uint256 amount, bytes32 depositReference) external restricted {
        uint256 limit = singleApprovalLimit;

        _checkCallerVisible();
        _checkNewReference(depositReference);
        if (amount <= limit) revert CashWithinLimit(amount, limit);
        _checkOwner(account);
        _checkSupply(amount);

        // The highest supply fits 96 bits.
        _proposals[depositReference] = MintProposal(account, uint96(amount), msg.sender);

        emit MintProposed(account, amount, depositReference, msg.sender);
    }

    /// @inheritdoc ISettlementCash
    /// @dev Two agreed: what the limit is by now does not matter. The rest is checked again.
    function approveMint(address account, uint256 amount, bytes32 depositReference) external restricted {
        MintProposal memory proposal = _proposals[depositReference];

        _checkCallerVisible();
        if (proposal.proposer == address(0)) revert CashProposalUnknown(depositReference);
        if (proposal.account != account || proposal.amount != amount) {
            revert CashProposalMismatch(depositReference, proposal.account, proposal.amount);
        }
        if (proposal.proposer == msg.sender) revert CashSameOfficer(msg.sender);

        delete _proposals[depositReference];
        _mintDeposit(account, amount, depositReference);
    }

    /// @inheritdoc ISettlementCash
    function withdrawMint(bytes32 depositReference) external restricted {
        if (_proposals[depositReference].proposer == address(0)) revert CashProposalUnknown(depositReference);

        delete _proposals[depositReference];

        emit MintWithdrawn(depositReference, msg.sender);
    }

    /// @inheritdoc ISettlementCash
    function requestRedemption(
        address account,
        uint128 amount,
        bytes32 payoutHash
    ) external returns (uint256 redemptionId) {
        redemptionId = redemptionCount + 1;

        if (msg.sender != account && msg.sender != INTENTS) revert CashCallerNotAllowed(msg.sender, account);
        _checkRunning();
        if (amount == 0) revert CashAmountZero();
        if (payoutHash == 0) revert CashReferenceEmpty();
        _checkOwner(account);

        redemptionCount = redemptionId;
        _redemptions[redemptionId] = Redemption({
            account: account,
            amount: amount,
            status: RedemptionStatus.Requested,
            approver: address(0),
            payoutHash: payoutHash
        });
        _transfer(account, address(this), amount);

        emit RedemptionRequested(redemptionId, account, amount, payoutHash);
    }

    /// @inheritdoc ISettlementCash
    /// @dev Nothing moves: this works while paused. Another may approve again and take the place of the first.
    function approveRedemption(uint256 redemptionId) external restricted {
        Redemption storage request = _openRedemption(redemptionId);
        uint256 limit = singleApprovalLimit;

        _checkCallerVisible();
        if (request.amount <= limit) revert CashWithinLimit(request.amount, limit);

        request.approver = msg.sender;

        emit RedemptionApproved(redemptionId, msg.sender);
    }

    /// @inheritdoc ISettlementCash
    /// @dev Not asked: whether the account may act now. It asked while it might, and the payment is a fact; to refuse it here would leave
    /// the firm with the money and the tokens.
    function payRedemption(uint256 redemptionId, bytes32 paymentReference) external restricted {
        Redemption storage request = _openRedemption(redemptionId);
        (address account, uint256 amount, address approver) = (request.account, request.amount, request.approver);

        _checkRunning();
        _checkCallerVisible();
        _checkNewReference(paymentReference);
        if (amount > singleApprovalLimit) {
            if (approver == address(0)) revert CashApprovalMissing(redemptionId);
            if (approver == msg.sender) revert CashSameOfficer(msg.sender);
        }

        request.status = RedemptionStatus.Paid;
        _usedReferences[paymentReference] = true;
        _burn(address(this), amount);

        emit RedemptionPaid(redemptionId, account, amount, paymentReference, msg.sender);
    }

    /// @inheritdoc ISettlementCash
    /// @dev Back to where it came from, also to an account that may not act now: it is its own, and stays there.
    function refuseRedemption(uint256 redemptionId, bytes32 reasonHash) external restricted {
        Redemption storage request = _openRedemption(redemptionId);
        (address account, uint256 amount) = (request.account, request.amount);

        _checkRunning();

        request.status = RedemptionStatus.Refused;
        _transfer(address(this), account, amount);

        emit RedemptionRefused(redemptionId, account, amount, reasonHash, msg.sender);
    }

    /// @inheritdoc ISettlementCash
    function transferFor(address from, address to, uint256 amount) external {
        if (msg.sender != INTENTS) revert CashCallerNotAllowed(msg.sender, from);
        if (amount == 0) revert CashAmountZero();

        _move(from, to, amount);
    }

    /// @inheritdoc ISettlementCash
    /// @dev Neither the exchange nor this contract is ever a lost account, whatever the officers wrote down about its address.
    function recover(address lostAccount) external restricted returns (uint256 amount) {
        if (
            lostAccount == EXCHANGE ||
            lostAccount == address(this) ||
            PARTICIPANTS.accountStatus(lostAccount) != IParticipants.AccountStatus.Replaced
        ) {
            revert CashNotReplaced(lostAccount);
        }
        address newAccount = PARTICIPANTS.successorOf(lostAccount);
        _checkOwner(newAccount);
        amount = balanceOf(lostAccount);
        if (amount == 0) revert CashAmountZero();

        _transfer(lostAccount, newAccount, amount);

        emit CashRecovered(lostAccount, newAccount, amount);
    }

    /// @inheritdoc ISettlementCash
    function pause() external restricted {
        _checkRunning();

        paused = true;

        emit CashPaused(msg.sender);
    }

    /// @inheritdoc ISettlementCash
    function unpause() external restricted {
        if (!paused) revert CashNotPaused();

        paused = false;

        emit CashUnpaused(msg.sender);
    }

    /// @inheritdoc ISettlementCash
    function setSingleApprovalLimit(uint256 limit) external restricted {
        singleApprovalLimit = limit;

        emit SingleApprovalLimitSet(limit);
    }

    /// @inheritdoc ISettlementCash
    function redemption(uint256 redemptionId) external view returns (Redemption memory) {
        return _redemptions[redemptionId];
    }

    /// @inheritdoc ISettlementCash
    function isReferenceUsed(bytes32 bankReference) external view returns (bool) {
        return _isTaken(bankReference);
    }

    /// @inheritdoc IERC20
    /// @dev An amount of zero passes, as ERC-20 asks.
    function transfer(address to, uint256 amount) public override(ERC20, IERC20) returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    /// @inheritdoc IERC20
    /// @dev A spender is held to the same rule as a holder: nothing moves by the will of an account that is not active.
    function transferFrom(address from, address to, uint256 amount) public override(ERC20, IERC20) returns (bool) {
        if (!PARTICIPANTS.isActive(msg.sender)) revert CashCallerNotAllowed(msg.sender, from);

        _spendAllowance(from, msg.sender, amount);
        _move(from, to, amount);
        return true;
    }

    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }

    /// @dev The exchange credits what comes to it to the sender: last, when all is written.
    function _move(address from, address to, uint256 amount) private {
        _checkRunning();
        (bool fromActive, bool toActive) = PARTICIPANTS.areActive(from, to);
        if (!fromActive && from != EXCHANGE) revert CashAccountNotActive(from);
        if ((!toActive && to != EXCHANGE) || to == address(this)) revert CashAccountNotActive(to);

        _transfer(from, to, amount);

        if (to == EXCHANGE) IExchange(EXCHANGE).onCashReceived(from, amount);
    }

    function _mintDeposit(address account, uint256 amount, bytes32 depositReference) private {
        _checkRunning();
        if (amount == 0) revert CashAmountZero();
        _checkOwner(account);
        _checkSupply(amount);

        _usedReferences[depositReference] = true;
        _mint(account, amount);

        emit Minted(account, amount, depositReference, msg.sender);
    }

    function _openRedemption(uint256 redemptionId) private view returns (Redemption storage request) {
        request = _redemptions[redemptionId];
        RedemptionStatus status = request.status;
        if (status != RedemptionStatus.Requested) revert CashRedemptionNotOpen(redemptionId, status);
    }

    function _checkRunning() private view {
        if (paused) revert CashIsPaused();
    }

    /// @dev `AccessManager.execute` calls in its own name: with it, one officer could look like two.
    function _checkCallerVisible() private view {
        if (msg.sender == authority()) revert CashCallerHidden(msg.sender);
    }

    /// @dev Asks for an active participant's own account: the exchange credits a deposit to whoever sent it, and here nobody would have.
    function _checkOwner(address account) private view {
        if (account == EXCHANGE || account == address(this) || !PARTICIPANTS.isActive(account)) {
            revert CashAccountNotActive(account);
        }
    }

    function _checkSupply(uint256 amount) private view {
        uint256 supply = totalSupply();
        if (amount > MAX_SUPPLY - supply) revert CashSupplyExceeded(supply, MAX_SUPPLY);
    }

    function _checkNewReference(bytes32 bankReference) private view {
        if (bankReference == 0) revert CashReferenceEmpty();
        if (_isTaken(bankReference)) revert CashReferenceUsed(bankReference);
    }

    function _isTaken(bytes32 bankReference) private view returns (bool) {
        return _usedReferences[bankReference] || _proposals[bankReference].proposer != address(0);
    }
}
