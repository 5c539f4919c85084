// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {IUnits} from "../interfaces/IUnits.sol";
import {SerialBlock} from "../libraries/SerialBlock.sol";

/// @notice A participant's account that is a contract: takes units, refuses them, or calls back while it is asked.
contract ReceiverMock is IERC1155Receiver {
    enum Manner {
        Accept,
        Refuse,
        PassOn
    }

    event Asked(address operator, address from, uint256 batchId, uint256 tonnes, uint256 balance, uint256 blockCount);

    error ReceiverMockRefused(uint256 batchId);

    Manner private _manner;
    address private _next;

    /// @param next Where `PassOn` sends what arrives, before it has answered.
    function set(Manner manner, address next) external {
        _manner = manner;
        _next = next;
    }

    function onERC1155Received(
        address operator,
        address from,
        uint256 batchId,
        uint256 tonnes,
        bytes calldata
    ) external returns (bytes4) {
        _receive(operator, from, batchId, tonnes);
        return this.onERC1155Received.selector;
    }

    function onERC1155BatchReceived(
        address operator,
        address from,
        uint256[] calldata batchIds,
        uint256[] calldata amounts,
        bytes calldata
    ) external returns (bytes4) {
        for (uint256 i; i < batchIds.length; ++i) {
            _receive(operator, from, batchIds[i], amounts[i]);
        }
        return this.onERC1155BatchReceived.selector;
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC1155Receiver).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    function _receive(address operator, address from, uint256 batchId, uint256 tonnes) private {
        IUnits units = IUnits(msg.sender);
        if (_manner == Manner.Refuse) revert ReceiverMockRefused(batchId);
        emit Asked(
            operator,
            from,
            batchId,
            tonnes,
            units.balanceOf(address(this), batchId),
            units.blockCount(address(this), batchId)
        );
        if (_manner == Manner.PassOn) units.transfer(address(this), _next, batchId, tonnes, new SerialBlock[](0));
    }
}
