// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRegistry} from "../../contracts/interfaces/IRegistry.sol";
import {LedgerHandler} from "./LedgerHandler.sol";
import {LedgerModel} from "./LedgerModel.sol";
import {LedgerFixture} from "./LedgerSetup.sol";
import {vm} from "./Vm.sol";

/// @notice The acts of the institutions.
contract InstitutionHandler is LedgerHandler {
    uint32 private nextPeriod = 20_000;
    uint256 private nextCode = 1;
    IRegistry.Issuance private proposal;
    bytes32 private proposalStatement;
    mapping(bytes32 statementId => uint256) private verifiedTonnes;
    mapping(bytes32 statementId => uint256) private issuedTonnes;
    address private lastReplaced;

    constructor(LedgerFixture ledger, LedgerModel model_) LedgerHandler(ledger, model_) {}

    /// @dev Three batches to begin with. Once, by the test, before the fuzzing.
    function begin() external {
        require(model.batchCount() == 0, "begun");
        for (uint256 i = 0; i < 3; i++) {
            recordStatement(100);
            proposeIssuance(80 + i * 10, 0);
            approveIssuance(1);
        }
    }

    function admit(uint256 seed) external {
        require(model.accountsKnown() < 20, "enough");
        address fresh = account(model.accountsKnown());
        vm.prank(REGISTRAR_1);
        participants.admit(_taxCode(seed), uint32(seed % 16), KYC_EXPIRES_AT, bytes32(seed), fresh);
        model.learnAccount();
        model.note("admit");
    }

    function addAccount(uint256 firm) external {
        require(model.accountsKnown() < 20, "enough");
        uint32 firmId = _firm(firm);
        address fresh = account(model.accountsKnown());
        vm.prank(REGISTRAR_1);
        participants.addAccount(firmId, fresh);
        model.learnAccount();
        model.note("addAccount");
    }

    function suspend(uint256 firm) external {
        uint32 firmId = _firm(firm);
        vm.prank(OFFICER_1);
        participants.suspend(firmId, keccak256("reason"));
        model.note("suspend");
    }

    function reinstate(uint256 firm) external {
        uint32 firmId = _firm(firm);
        vm.prank(OFFICER_1);
        participants.reinstate(firmId);
        model.note("reinstate");
    }

    function update(uint256 firm, uint48 expiry) external {
        uint32 firmId = _firm(firm);
        vm.prank(REGISTRAR_1);
        participants.update(firmId, 15, expiry % 2 == 0 ? KYC_EXPIRES_AT : expiry, keccak256("document"));
        model.note("update");
    }

    function close(uint256 firm) external {
        require(firm % 50 == 0, "seldom: it is final");
        uint32 firmId = _firm(firm / 50);
        vm.prank(REGISTRAR_1);
        participants.close(firmId);
        model.note("close");
    }

    function removeAccount(uint256 index) external {
        require(index % 10 == 0, "seldom: it is final");
        address removed = _anyAccount(index / 10);
        uint32 firmId = participants.participantOf(removed);
        vm.prank(REGISTRAR_1);
        participants.removeAccount(firmId, removed);
        model.note("removeAccount");
    }

    function proposeReplacement(uint256 lost) external {
        require(model.accountsKnown() < 20, "enough");
        address target = _anyAccount(lost);
        address fresh = account(model.accountsKnown());
        vm.prank(OFFICER_1);
        participants.proposeReplacement(target, fresh);
        model.note("proposeReplacement");
    }

    function withdrawReplacement(uint256 lost) external {
        address target = _anyAccount(lost);
        vm.prank(OFFICER_2);
        participants.withdrawReplacement(target);
        model.note("withdrawReplacement");
    }

    function approveReplacement(uint256 lost, bool sameOfficer) external {
        address target = _anyAccount(lost);
        address fresh = account(model.accountsKnown());
        vm.prank(sameOfficer ? OFFICER_1 : OFFICER_2);
        participants.approveReplacement(target, fresh);
        if (sameOfficer) model.noteBroken(4, "one officer replaced a key alone");
        lastReplaced = target;
        model.learnAccount();
        model.note("approveReplacement");
    }

    function recover(uint256 lost, uint256 batch) external {
        vm.recordLogs();
        address target = lost % 4 == 0 ? _anyAccount(lost) : lastReplaced;
        uint256 batchId = _anyBatch(batch);
        vm.prank(OFFICER_1);
        units.recover(target, batchId);
        model.replay("recover", true);
    }

    function forcedTransfer(uint256 from, uint256 to, uint256 batch, uint256 tonnes) external {
        vm.recordLogs();
        address target = _anyAccount(from);
        address receiver = _anyAccount(to);
        uint256 batchId = _anyBatch(batch);
        vm.prank(ENFORCER);
        units.forcedTransfer(target, receiver, batchId, tonnes % 50);
        model.replay("forcedTransfer", true);
    }

    function setFrozenTokens(uint256 from, uint256 batch, uint256 tonnes) external {
        address target = _anyAccount(from);
        uint256 batchId = _anyBatch(batch);
        vm.prank(OFFICER_1);
        units.setFrozenTokens(target, batchId, tonnes % 4 == 0 ? tonnes : tonnes % 30);
        model.note("setFrozenTokens");
    }

    function pause(uint256 seed) external {
        require(seed % 8 == 0, "seldom: it stops the rest");
        vm.prank(GUARDIAN);
        units.pause();
        model.note("pause");
    }

    function unpause() external {
        vm.prank(OFFICER_1);
        units.unpause();
        model.note("unpause");
    }

    function pauseBatch(uint256 batch) external {
        uint256 batchId = _anyBatch(batch);
        vm.prank(GUARDIAN);
        units.pauseBatch(batchId);
        model.note("pauseBatch");
    }

    function unpauseBatch(uint256 batch) external {
        uint256 batchId = _anyBatch(batch);
        vm.prank(OFFICER_1);
        units.unpauseBatch(batchId);
        model.note("unpauseBatch");
    }

    function listProject(uint256 seed) external {
        uint32 firmId = _firm(seed);
        vm.prank(REGISTRAR_1);
        registry.listProject(bytes32(abi.encodePacked("P-", _digit(seed))), firmId, uint16(seed % 5_000), "");
        model.note("listProject");
    }

    function setProjectStatus(uint256 seed, uint8 status) external {
        vm.prank(REGISTRAR_1);
        registry.setProjectStatus(bytes32(abi.encodePacked("P-", _digit(seed))), IRegistry.ProjectStatus(status % 8));
        model.note("setProjectStatus");
    }

    function setProjectDocument(bytes32 documentHash) external {
        vm.prank(REGISTRAR_1);
        registry.setProjectDocument(PROJECT, documentHash);
        model.note("setProjectDocument");
    }

    function recordStatement(uint64 tonnes) public {
        // Now and then a period that reaches into the one before.
        bool overlaps = tonnes % 7 == 3;
        IRegistry.VerificationStatement memory statement = IRegistry.VerificationStatement(
            PROJECT,
            overlaps ? nextPeriod - 1 : nextPeriod,
            nextPeriod + 9,
            tonnes % 150,
            keccak256("report"),
            vm.addr(VERIFIER_KEY)
        );
        bytes memory signature = sign(VERIFIER_KEY, registry.hashStatement(statement));
        proposalStatement = registry.recordStatement(statement, signature, proposalStatement);
        if (overlaps) model.noteBroken(3, "a day was verified twice");
        verifiedTonnes[proposalStatement] = statement.verifiedTonnes;
        nextPeriod += 10;
        model.note("recordStatement");
    }

    function proposeIssuance(uint256 tonnes, uint256 recipient) public {
        uint64 amount = uint64(tonnes % 160);
        IRegistry.ForeignBlock memory foreignBlock;
        if (recipient % 4 > 1) {
            // So few numbers that most blocks would overlap an earlier one.
            uint64 start = 1 + uint64((recipient / 4) % 200);
            foreignBlock = IRegistry.ForeignBlock("VCS", "SERIES-1", start, start + amount - 1);
        }
        IRegistry.Issuance memory wanted = IRegistry.Issuance(
            proposalStatement,
            bytes32(abi.encodePacked("B-", _digit(nextCode / 10), _digit(nextCode))),
            // Days 20,000 to 20,088 are in 2024 and 2025; a period that does not reach the year is refused.
            nextPeriod > 20_089 ? 2025 : 2024,
            amount,
            account(recipient % 2),
            foreignBlock,
            keccak256("issuance")
        );
        vm.prank(REGISTRAR_1);
        registry.proposeIssuance(wanted);
        proposal = wanted;
        nextCode++;
        model.note("proposeIssuance");
    }

    function approveIssuance(uint256 seed) public {
        bool alone = seed % 4 == 0;
        uint64 hint = model.foreignStartBefore(proposal.foreignBlock.start);
        vm.recordLogs();
        vm.prank(alone ? REGISTRAR_1 : REGISTRAR_2);
        uint256 batchId = registry.approveIssuance(proposal, hint);
        if (alone) model.noteBroken(3, "a registrar approved their own proposal");
        issuedTonnes[proposal.statementId] += proposal.tonnes;
        if (issuedTonnes[proposal.statementId] > verifiedTonnes[proposal.statementId]) {
            model.noteBroken(3, "more was issued than verified");
        }
        model.learnBatch(batchId);
        model.replay("approveIssuance", false);
    }

    /// @dev The three steps in a row: by themselves they seldom come in this order.
    function issueBatch(uint64 tonnes, uint256 recipient) external {
        uint64 amount = 1 + (tonnes % 40);
        recordStatement(amount);
        proposeIssuance(amount, recipient);
        approveIssuance(1);
    }

    function rejectIssuance() external {
        vm.prank(REGISTRAR_2);
        registry.rejectIssuance(proposal, keccak256("reason"));
        model.note("rejectIssuance");
    }

    function authoriseBatch(uint256 batch, uint8 purposes) external {
        uint256 batchId = _anyBatch(batch);
        vm.prank(REGISTRAR_1);
        registry.authoriseBatch(batchId, purposes % 8, IRegistry.FirstTransfer.Use, keccak256("letter"));
        model.note("authoriseBatch");
    }

    function revokeAuthorisation(uint256 batch) external {
        uint256 batchId = _anyBatch(batch);
        vm.prank(OFFICER_1);
        registry.revokeAuthorisation(batchId, keccak256("reason"));
        model.note("revokeAuthorisation");
    }

    function setBufferAccount(uint256 index) external {
        registry.setBufferAccount(_anyAccount(index));
        model.note("setBufferAccount");
    }

    function setBaseUri(uint256 seed) external {
        retirements.setBaseUri(string(abi.encodePacked("https://ledger.example/", _digit(seed), "/")));
        model.note("setBaseUri");
    }

    function _firm(uint256 seed) private view returns (uint32) {
        return uint32(seed % participants.participantCount()) + 1;
    }

    function _digit(uint256 seed) private pure returns (bytes1) {
        return bytes1(uint8(48 + (seed % 10)));
    }

    function _taxCode(uint256 seed) private pure returns (string memory) {
        return string(abi.encodePacked("020000000", _digit(seed)));
    }
}
