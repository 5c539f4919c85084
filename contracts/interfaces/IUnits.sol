// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SerialBlock} from "../libraries/SerialBlock.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC7943MultiToken} from "./IERC7943MultiToken.sol";

/// @title Who holds which tonnes
/// @notice ERC-1155, one id per batch, one token per tonne of CO2e, and the serial blocks behind every balance.
/// Every serial number ever issued is at every moment in exactly one place: in one holder's block, retired, or cancelled.
///
/// Which serials move: exactly the blocks named, or, when only an amount is given, whole and partial blocks from the end of the
/// holder's block list (the latest received first), each from its low end. A block that arrives merges with an adjacent one among the
/// latest `MERGE_WINDOW` blocks of the receiver; `mergeBlocks` merges any two adjacent blocks beyond that.
/// List order: a block that arrives goes to the end, unless it merges and takes the neighbour's place; the last block takes the place of
/// one that leaves; of a block cut in the middle, the low part keeps the place and the high part goes to the end.
/// @dev At most `MAX_BLOCKS` blocks move in one operation.
interface IUnits is IERC1155, IERC7943MultiToken {
    /// @notice For every batch: issued = held + retired + cancelled.
    struct Totals {
        uint64 issuedTonnes;
        uint64 heldTonnes;
        uint64 retiredTonnes;
        uint64 cancelledTonnes;
    }

    /// @notice The serial blocks behind each `TransferSingle` (and each id of a `TransferBatch`), emitted right after it.
    event BlocksMoved(uint256 indexed batchId, address indexed from, address indexed to, SerialBlock[] blocks);
    /// @notice Two adjacent blocks of one holder became one; no tonne moved.
    event BlocksMerged(uint256 indexed batchId, address indexed account, uint64 start, uint64 end);
    event BatchPaused(uint256 indexed batchId, address indexed by);
    event BatchUnpaused(uint256 indexed batchId, address indexed by);
    event Paused(address indexed by);
    event Unpaused(address indexed by);
    /// @notice The holdings of a replaced account went to its successor.
    event Recovered(address indexed lostAccount, address indexed newAccount, uint256 indexed batchId, uint256 tonnes);

    error UnitsPaused();
    error UnitsBatchPaused(uint256 batchId);
    error UnitsNotPaused();
    error UnitsCallerNotAllowed(address caller, address account);
    error UnitsAmountZero(uint256 batchId);
    error UnitsInsufficientBalance(address account, uint256 batchId, uint256 balance, uint256 tonnes);
    error UnitsBlockInvalid(uint64 start, uint64 end);
    /// @notice The named serials are not all inside one block of the holder.
    error UnitsBlockNotHeld(address account, uint256 batchId, uint64 start, uint64 end);
    /// @notice More blocks than `MAX_BLOCKS` would move. Split: move at most `movableTonnes` first, or name at most `limit` blocks.
    error UnitsTooManyBlocks(uint256 blocks, uint256 limit, uint256 movableTonnes);
    /// @notice The named blocks do not add up to the stated tonnes.
    error UnitsTonnesMismatch(uint256 tonnes, uint256 blockTonnes);
    error UnitsBlocksNotAdjacent(uint64 firstEnd, uint64 secondStart);
    error UnitsBlockIndexInvalid(uint256 index, uint256 count);
    error UnitsBatchExists(uint256 batchId);
    error UnitsNotReplaced(address account);

    /// @notice Moves units. Caller: the holder, an operator the holder approved, or the intents contract with the holder's signature.
    /// @param blocks Empty: any units, by the rule above. Otherwise exactly these, which must add up to `tonnes`.
    function transfer(
        address from,
        address to,
        uint256 batchId,
        uint256 tonnes,
        SerialBlock[] calldata blocks
    ) external;

    /// @notice Issues a batch: serials 1 to `tonnes`, the first `tonnes - bufferTonnes` to `recipient`, the rest to the buffer. Caller: the registry, once per batch.
    function issue(
        uint256 batchId,
        address recipient,
        uint64 tonnes,
        address bufferAccount,
        uint64 bufferTonnes
    ) external;

    /// @notice Takes units out for good. Caller: the retirements contract, which has checked who asks.
    /// @param cancelled False: counts as retired. True: counts as cancelled.
    /// @return taken The serial blocks that went.
    function burn(
        address from,
        uint256 batchId,
        uint256 tonnes,
        SerialBlock[] calldata blocks,
        bool cancelled
    ) external returns (SerialBlock[] memory taken);

    /// @notice Merges two adjacent blocks of a holding, given their places in the list. Anyone may; nothing moves.
    function mergeBlocks(address account, uint256 batchId, uint256 firstIndex, uint256 secondIndex) external;

    /// @notice Carries holdings of a replaced account to its successor, at most `MAX_BLOCKS` blocks a call. The frozen amount goes with
    /// the first call, added to the successor's, so that nothing frozen is free between two calls. Works while paused.
    /// Role: COMPLIANCE_OFFICER. The two-officer decision was taken in `Participants`.
    /// @return movedTonnes What went; call again until the holding is empty.
    function recover(address lostAccount, uint256 batchId) external returns (uint256 movedTonnes);

    /// @notice Stops every movement (issue, transfer, burn), except forced transfers and recovery. Role: GUARDIAN.
    function pause() external;
    /// @notice Role: COMPLIANCE_OFFICER.
    function unpause() external;
    /// @notice Stops one batch. Role: GUARDIAN.
    function pauseBatch(uint256 batchId) external;
    /// @notice Role: COMPLIANCE_OFFICER.
    function unpauseBatch(uint256 batchId) external;

    function paused() external view returns (bool);
    function batchPaused(uint256 batchId) external view returns (bool);
    function totals(uint256 batchId) external view returns (Totals memory);
    function blockCount(address account, uint256 batchId) external view returns (uint256);
    /// @notice A page of a holding's blocks, in list order. At most 1,000 a call; fewer at the end of the list.
    function blocksOf(
        address account,
        uint256 batchId,
        uint256 offset,
        uint256 limit
    ) external view returns (SerialBlock[] memory);
    function MAX_BLOCKS() external view returns (uint256);
    function MERGE_WINDOW() external view returns (uint256);
}
