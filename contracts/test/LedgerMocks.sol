// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {IRetirements} from "../interfaces/IRetirements.sol";
import {SerialBlock} from "../libraries/SerialBlock.sol";

/// @notice Answers what a test told it, in the place of `Participants`.
contract ParticipantsMock {
    mapping(address account => uint32) public participantOf;
    mapping(address account => bool) public isActive;

    function set(address account, uint32 participantId, bool active) external {
        participantOf[account] = participantId;
        isActive[account] = active;
    }
}

/// @notice Answers what a test told it, in the place of `Registry`.
contract RegistryMock {
    mapping(uint256 batchId => bool) public isCorsiaEligible;

    function set(uint256 batchId, bool eligible) external {
        isCorsiaEligible[batchId] = eligible;
    }
}

/// @notice Says what it was asked for, in the place of `Units`. Keeps no balances.
contract UnitsMock {
    event Transferred(address caller, address from, address to, uint256 batchId, uint256 tonnes, SerialBlock[] blocks);
    event Burned(address caller, address from, uint256 batchId, uint256 tonnes, SerialBlock[] blocks, bool cancelled);

    error UnitsMockRefused(uint256 tonnes);
    error UnitsMockNotAccepted();

    /// @notice Amounts of this many tonnes are refused.
    uint256 public constant REFUSED = 13;

    SerialBlock[] private _taken;

    function setTaken(SerialBlock[] calldata blocks) external {
        delete _taken;
        for (uint256 i = 0; i < blocks.length; ++i) {
            _taken.push(blocks[i]);
        }
    }

    /// @dev Asks a contract for its acceptance, as ERC-1155 does.
    function transfer(
        address from,
        address to,
        uint256 batchId,
        uint256 tonnes,
        SerialBlock[] calldata blocks
    ) external {
        if (tonnes == REFUSED) revert UnitsMockRefused(tonnes);
        emit Transferred(msg.sender, from, to, batchId, tonnes, blocks);

        if (to.code.length == 0) return;
        bytes4 answer = IERC1155Receiver(to).onERC1155Received(msg.sender, from, batchId, tonnes, "");
        if (answer != IERC1155Receiver.onERC1155Received.selector) revert UnitsMockNotAccepted();
    }

    /// @return taken What `setTaken` said, else the blocks asked for.
    function burn(
        address from,
        uint256 batchId,
        uint256 tonnes,
        SerialBlock[] calldata blocks,
        bool cancelled
    ) external returns (SerialBlock[] memory taken) {
        if (tonnes == REFUSED) revert UnitsMockRefused(tonnes);
        emit Burned(msg.sender, from, batchId, tonnes, blocks, cancelled);
        taken = _taken;
        if (taken.length == 0) taken = blocks;
    }
}

/// @notice Says what it was asked for, in the place of `SettlementCash`.
contract SettlementCashMock {
    event TransferForCalled(address caller, address from, address to, uint256 amount);
    event RedemptionCalled(address caller, address account, uint128 amount, bytes32 payoutHash);

    error SettlementCashMockRefused(uint256 amount);

    /// @notice This amount is refused.
    uint256 public constant REFUSED = 13;

    function transferFor(address from, address to, uint256 amount) external {
        if (amount == REFUSED) revert SettlementCashMockRefused(amount);
        emit TransferForCalled(msg.sender, from, to, amount);
    }

    function requestRedemption(address account, uint128 amount, bytes32 payoutHash) external returns (uint256) {
        if (amount == REFUSED) revert SettlementCashMockRefused(amount);
        emit RedemptionCalled(msg.sender, account, amount, payoutHash);
        return 11;
    }
}

/// @notice Says what it was asked for, in the place of `Exchange`.
contract ExchangeMock {
    event WithdrawalCalled(address caller, address account, uint256 batchId, uint64 tonnes);
    event CashWithdrawalCalled(address caller, address account, uint128 amount);
    event CancelOrderCalled(address caller, address account, uint256 batchId, uint32 nonce);
    event CancelOrdersBeforeCalled(address caller, address account, uint32 nonce);
    event CashReceived(address caller, address account, uint256 amount);

    error ExchangeMockRefused(uint256 number);

    /// @notice This amount, or nonce, is refused.
    uint256 public constant REFUSED = 13;

    function requestWithdrawal(address account, uint256 batchId, uint64 tonnes) external {
        if (tonnes == REFUSED) revert ExchangeMockRefused(tonnes);
        emit WithdrawalCalled(msg.sender, account, batchId, tonnes);
    }

    function requestCashWithdrawal(address account, uint128 amount) external {
        if (amount == REFUSED) revert ExchangeMockRefused(amount);
        emit CashWithdrawalCalled(msg.sender, account, amount);
    }

    function cancelOrder(address account, uint256 batchId, uint32 nonce) external {
        if (nonce == REFUSED) revert ExchangeMockRefused(nonce);
        emit CancelOrderCalled(msg.sender, account, batchId, nonce);
    }

    function cancelOrdersBefore(address account, uint32 nonce) external {
        if (nonce == REFUSED) revert ExchangeMockRefused(nonce);
        emit CancelOrdersBeforeCalled(msg.sender, account, nonce);
    }

    function onCashReceived(address account, uint256 amount) external {
        if (amount == REFUSED) revert ExchangeMockRefused(amount);
        emit CashReceived(msg.sender, account, amount);
    }
}

/// @notice Says what it was asked for, in the place of `Retirements`.
contract RetirementsMock {
    event RetireCalled(address caller, address account, bytes order);
    event CancelCalled(address caller, address account, bytes order);

    error RetirementsMockRefused(uint256 tonnes);

    uint256 public constant REFUSED = 13;

    function retire(address account, IRetirements.RetirementOrder calldata order) external returns (uint256) {
        if (order.tonnes == REFUSED) revert RetirementsMockRefused(order.tonnes);
        emit RetireCalled(msg.sender, account, abi.encode(order));
        return 7;
    }

    function cancel(address account, IRetirements.CancellationOrder calldata order) external returns (uint256) {
        if (order.tonnes == REFUSED) revert RetirementsMockRefused(order.tonnes);
        emit CancelCalled(msg.sender, account, abi.encode(order));
        return 9;
    }
}
