// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SerialBlock} from "../libraries/SerialBlock.sol";
import {SerialBlocks} from "../libraries/SerialBlocks.sol";
import {Units} from "../Units.sol";

/// @notice A dishonest ledger whose events and holdings agree, and yet say that one serial is with two. Its storage is that of `Units`,
/// so its code may take the place of an honest one's.
contract DoublingUnits is Units {
    using SerialBlocks for SerialBlocks.Holding;

    constructor(
        address authority,
        address participants,
        address registry,
        address retirements,
        address intents,
        address exchange
    ) Units(authority, participants, registry, retirements, intents, exchange, "") {}

    /// @notice Gives serials that are with another already, as if they were issued.
    function double(address account, uint256 batchId, uint64 start, uint64 end) external {
        uint256[] memory blocks = new uint256[](1);
        blocks[0] = SerialBlocks.pack(start, end);
        _holdingOf(account, batchId).put(blocks);

        emit TransferSingle(msg.sender, address(0), account, batchId, uint256(end) - start + 1);
        emit BlocksMoved(batchId, address(0), account, SerialBlocks.unpackAll(blocks));
    }

    /// @notice Moves one number of tonnes and tells of another.
    function misreport(
        address from,
        address to,
        uint256 batchId,
        uint256 told,
        SerialBlock[] calldata blocks
    ) external {
        (uint256[] memory taken, ) = _holdingOf(from, batchId).takeNamed(blocks);
        _holdingOf(to, batchId).put(taken);

        emit TransferSingle(msg.sender, from, to, batchId, told);
        emit BlocksMoved(batchId, from, to, SerialBlocks.unpackAll(taken));
    }
}
