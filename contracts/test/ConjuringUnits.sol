// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SerialBlock} from "../libraries/SerialBlock.sol";
import {SerialBlocks} from "../libraries/SerialBlocks.sol";
import {Units} from "../Units.sol";

/// @notice A dishonest ledger: it writes holdings that no event tells of. Its storage is that of `Units`, so its code may take the place
/// of an honest one's.
contract ConjuringUnits is Units {
    using SerialBlocks for SerialBlocks.Holding;

    constructor(
        address authority,
        address participants,
        address registry,
        address retirements,
        address intents,
        address exchange
    ) Units(authority, participants, registry, retirements, intents, exchange, "") {}

    /// @notice Tonnes out of thin air.
    function conjure(address account, uint256 batchId, uint64 start, uint64 end) external {
        uint256[] memory blocks = new uint256[](1);
        blocks[0] = SerialBlocks.pack(start, end);
        _holdingOf(account, batchId).put(blocks);
    }

    /// @notice Tonnes that are gone, and nobody was told.
    function vanish(address account, uint256 batchId, SerialBlock[] calldata blocks) external {
        _holdingOf(account, batchId).takeNamed(blocks);
    }
}
