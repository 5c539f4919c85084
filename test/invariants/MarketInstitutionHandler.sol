// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {IParticipants} from "../../contracts/interfaces/IParticipants.sol";
import {SerialBlock} from "../../contracts/libraries/SerialBlock.sol";
import {ExchangeModel} from "./ExchangeModel.sol";
import {LedgerFixture} from "./LedgerSetup.sol";
import {MarketHandler} from "./MarketHandler.sol";
import {vm} from "./Vm.sol";

/// @notice The acts of the institutions about money and trading, and those about participants that end in a recovery.
contract MarketInstitutionHandler is MarketHandler {
    uint256 private nextReference = 1;
    /// @dev What was proposed last.
    address private proposedAccount;
    uint256 private proposedAmount;
    bytes32 private proposedReference;

    constructor(LedgerFixture ledger, ExchangeModel model_) MarketHandler(ledger, model_) {}

    /// @dev Everybody has units and money, and most of both in trading. Once, by the test, before the fuzzing.
    function begin() external {
        require(model.done("mint") == 0, "begun");
        for (uint256 i = 0; i < 3; i++) {
            uint256 batchId = model.batchIds(i);
            listInstrument(i);
            for (uint256 index = 1; index < 6; index++) _move(0, market.accountAt(index), batchId, 11);
            for (uint256 index = 0; index < 6; index++) _move(index, address(exchange), batchId, 9);
        }
        for (uint256 index = 0; index < ACCOUNTS; index++) {
            address account_ = market.accountAt(index);
            vm.recordLogs();
            vm.prank(BANK_1);
            cash.mint(account_, APPROVAL_LIMIT, _newReference());
            vm.prank(account_);
            cash.transfer(address(exchange), (APPROVAL_LIMIT * 4) / 5);
            model.replay("mint", false);
        }
        vm.recordLogs();
        exchange.setFeeAccount(market.accountAt(ACCOUNTS - 2));
        model.replay("setFeeAccount", false);
    }

    function listInstrument(uint256 batch) public {
        uint256 batchId = _anyBatch(batch);
        vm.prank(REGISTRAR_1);
        exchange.listInstrument(batchId, IExchange.InstrumentKind(batch % 3 == 2 ? 2 : 1));
        model.note("listInstrument");
    }

    function setFee(uint256 seed) external {
        uint48 from = uint48(block.timestamp + _draw(seed, "from", 2 hours));
        vm.recordLogs();
        exchange.setFee(uint16(_draw(seed, "fee", _seldom(seed, "high", 3) ? 502 : 100)), from);
        model.replay("setFee", false);
    }

    function setFeeAccount(uint256 seed) external {
        vm.recordLogs();
        exchange.setFeeAccount(_drawAccount(seed, "account"));
        model.replay("setFeeAccount", false);
    }

    function updateCapabilities(uint256 seed) external {
        uint32 firm = participants.participantOf(_drawAccount(seed, "account"));
        uint48 kyc = _seldom(seed, "short", 4) ? uint48(block.timestamp + _draw(seed, "kyc", 2 days)) : KYC_EXPIRES_AT;
        vm.prank(REGISTRAR_1);
        participants.update(firm, uint32(_seldom(seed, "few", 4) ? seed % 16 : 15), kyc, "");
        model.note("updateCapabilities");
    }

    /// @dev Whoever has lost an active status gets it back, so that trading goes on.
    function restore(uint256 seed) external {
        address account_ = _drawAccount(seed, "account");
        uint32 firm = participants.participantOf(account_);
        if (participants.participant(firm).status == IParticipants.ParticipantStatus.Suspended) {
            vm.prank(OFFICER_1);
            participants.reinstate(firm);
        }
        vm.prank(REGISTRAR_1);
        participants.update(firm, 15, KYC_EXPIRES_AT, "");
        model.note("restore");
    }

    /// @dev The two steps in a row: by themselves they seldom come in this order.
    function replaceKey(uint256 seed) external {
        require(model.accountsKnown() < 20 && _seldom(seed, "replace", 3), "enough");
        address lost = _drawAccount(seed, "lost");
        address fresh = market.accountAt(model.accountsKnown());
        vm.prank(OFFICER_1);
        participants.proposeReplacement(lost, fresh);
        vm.prank(OFFICER_2);
        participants.approveReplacement(lost, fresh);
        model.learnAccount();
        model.note("replaceKey");
    }

    function recoverPosition(uint256 seed) external {
        (address lost, uint256 asset) = (_drawLost(seed), _drawAsset(seed));
        vm.recordLogs();
        vm.prank(OFFICER_1);
        exchange.recover(lost, asset);
        model.replay("recoverPosition", true);
    }

    function recoverCash(uint256 seed) external {
        address lost = _drawLost(seed);
        vm.recordLogs();
        vm.prank(OFFICER_1);
        cash.recover(lost);
        model.replay("recoverCash", true);
    }

    function mint(uint256 seed) external {
        (address account_, uint256 amount) = (_drawAccount(seed, "account"), _draw(seed, "amount", 5_500));
        bytes32 bankReference = _seldom(seed, "again", 10) ? proposedReference : _newReference();
        vm.recordLogs();
        vm.prank(BANK_1);
        cash.mint(account_, amount, bankReference);
        model.replay("mint", false);
    }

    function proposeMint(uint256 seed) public {
        (address account_, uint256 amount) = (_drawAccount(seed, "account"), 4_500 + _draw(seed, "amount", 5_000));
        bytes32 bankReference = _newReference();
        vm.prank(BANK_1);
        cash.proposeMint(account_, amount, bankReference);
        (proposedAccount, proposedAmount, proposedReference) = (account_, amount, bankReference);
        model.note("proposeMint");
    }

    function approveMint(uint256 seed) external {
        bool alone = _seldom(seed, "alone", 4);
        vm.recordLogs();
        vm.prank(alone ? BANK_1 : BANK_2);
        cash.approveMint(proposedAccount, proposedAmount, proposedReference);
        if (alone) model.noteBroken(5, "one of the bank minted alone above the limit");
        model.replay("approveMint", false);
    }

    function withdrawMint(uint256 seed) external {
        require(_seldom(seed, "withdraw", 3), "seldom: it is in the way of the approval");
        vm.prank(BANK_2);
        cash.withdrawMint(proposedReference);
        model.note("withdrawMint");
    }

    function approveRedemption(uint256 seed) external {
        uint256 redemptionId = _drawRedemption(seed);
        if (_seldom(seed, "limit", 2)) cash.setSingleApprovalLimit(10);
        vm.prank(BANK_1);
        cash.approveRedemption(redemptionId);
        model.note("approveRedemption");
    }

    function payRedemption(uint256 seed) external {
        uint256 redemptionId = _drawRedemption(seed);
        bool alone = cash.redemption(redemptionId).amount > cash.singleApprovalLimit() && _seldom(seed, "alone", 4);
        bytes32 bankReference = _newReference();
        vm.recordLogs();
        vm.prank(alone ? BANK_1 : BANK_2);
        cash.payRedemption(redemptionId, bankReference);
        if (alone) model.noteBroken(5, "one of the bank paid alone above the limit");
        model.replay("payRedemption", false);
    }

    function refuseRedemption(uint256 seed) external {
        uint256 redemptionId = _drawRedemption(seed);
        vm.recordLogs();
        vm.prank(BANK_2);
        cash.refuseRedemption(redemptionId, keccak256("reason"));
        model.replay("refuseRedemption", true);
    }

    function setSingleApprovalLimit(uint256 seed) external {
        cash.setSingleApprovalLimit(_seldom(seed, "low", 4) ? _draw(seed, "limit", 100) : APPROVAL_LIMIT);
        model.note("setSingleApprovalLimit");
    }

    function pauseCash(uint256 seed) external {
        require(_seldom(seed, "pause", 6), "seldom: it stops the rest");
        vm.prank(GUARDIAN);
        cash.pause();
        model.note("pauseCash");
    }

    function unpauseCash(uint256) external {
        vm.prank(OFFICER_1);
        cash.unpause();
        model.note("unpauseCash");
    }

    function _move(uint256 from, address to, uint256 batchId, uint256 tonnes) private {
        address holder = market.accountAt(from);
        vm.recordLogs();
        vm.prank(holder);
        units.transfer(holder, to, batchId, tonnes, new SerialBlock[](0));
        model.replay("transfer", false);
    }

    function _newReference() private returns (bytes32) {
        return bytes32(nextReference++);
    }

    /// @dev One that is open, if there is one near.
    function _drawRedemption(uint256 seed) private view returns (uint256 redemptionId) {
        uint256 count = cash.redemptionCount();
        for (uint256 i = 0; i < 8 && i < count; i++) {
            redemptionId = 1 + ((_draw(seed, "redemption", count) + i) % count);
            if (uint256(cash.redemption(redemptionId).status) == 1) return redemptionId;
        }
    }

    /// @dev An account that was replaced, if there is one.
    function _drawLost(uint256 seed) private view returns (address lost) {
        uint256 count = model.accountsKnown();
        for (uint256 i = 0; i < count; i++) {
            lost = market.accountAt((_draw(seed, "lost", count) + i) % count);
            if (participants.accountStatus(lost) == IParticipants.AccountStatus.Replaced) return lost;
        }
    }
}
