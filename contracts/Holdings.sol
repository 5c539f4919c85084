// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC7943MultiToken} from "./interfaces/IERC7943MultiToken.sol";
import {IUnits} from "./interfaces/IUnits.sol";
import {SerialBlock} from "./libraries/SerialBlock.sol";
import {SerialBlocks} from "./libraries/SerialBlocks.sol";

/// @title The book of holdings
/// @notice The part of `Units` that keeps which serial blocks each account holds of each batch, and how much of that is frozen.
/// @dev Knows nothing of who may act: that is for `Units` to ask before it writes here.
abstract contract Holdings is IUnits {
    using SerialBlocks for SerialBlocks.Holding;

    /// @inheritdoc IUnits
    uint256 public constant MAX_BLOCKS = 64;
    /// @inheritdoc IUnits
    uint256 public constant MERGE_WINDOW = SerialBlocks.MERGE_WINDOW;
    uint256 private constant MAX_PAGE = 1000;

    mapping(uint256 batchId => mapping(address account => SerialBlocks.Holding)) private _holdings;
    /// @dev Read only where the holding is marked.
    mapping(uint256 batchId => mapping(address account => uint256 tonnes)) private _frozenTonnes;

    /// @inheritdoc IUnits
    function mergeBlocks(address account, uint256 batchId, uint256 firstIndex, uint256 secondIndex) external {
        SerialBlocks.Holding storage holding = _holdings[batchId][account];
        uint256 count = holding.count();
        if (firstIndex >= count) revert UnitsBlockIndexInvalid(firstIndex, count);
        if (secondIndex >= count) revert UnitsBlockIndexInvalid(secondIndex, count);
        SerialBlock memory first = SerialBlocks.unpack(holding.blockAt(firstIndex));
        SerialBlock memory second = SerialBlocks.unpack(holding.blockAt(secondIndex));
        if (first.end + 1 != second.start) revert UnitsBlocksNotAdjacent(first.end, second.start);

        holding.merge(firstIndex, secondIndex);

        emit BlocksMerged(batchId, account, first.start, second.end);
    }

    /// @inheritdoc IUnits
    function blockCount(address account, uint256 batchId) external view returns (uint256) {
        return _holdings[batchId][account].count();
    }

    /// @inheritdoc IUnits
    function blocksOf(
        address account,
        uint256 batchId,
        uint256 offset,
        uint256 limit
    ) external view returns (SerialBlock[] memory) {
        return _holdings[batchId][account].page(offset, limit < MAX_PAGE ? limit : MAX_PAGE);
    }

    /// @inheritdoc IERC7943MultiToken
    function getFrozenTokens(address account, uint256 batchId) public view returns (uint256) {
        return _holdings[batchId][account].isMarked() ? _frozenTonnes[batchId][account] : 0;
    }

    /// @dev The holding's mark says whether there is a frozen amount to look up.
    function _setFrozen(address account, uint256 batchId, uint256 tonnes) internal {
        _frozenTonnes[batchId][account] = tonnes;
        _holdings[batchId][account].setMark(tonnes != 0);

        emit Frozen(account, batchId, tonnes);
    }

    function _holdingOf(address account, uint256 batchId) internal view returns (SerialBlocks.Holding storage holding) {
        return _holdings[batchId][account];
    }

    /// @dev Asks for an amount above zero, held by `account`, and not frozen.
    function _checkUnfrozen(
        SerialBlocks.Holding storage holding,
        address account,
        uint256 batchId,
        uint256 tonnes
    ) internal view {
        (uint256 balance, bool marked) = _checkBalance(holding, account, batchId, tonnes);
        if (!marked) return;

        uint256 frozen = _frozenTonnes[batchId][account];
        uint256 unfrozen = balance > frozen ? balance - frozen : 0;
        if (tonnes > unfrozen) revert ERC7943InsufficientUnfrozenBalance(account, batchId, tonnes, unfrozen);
    }

    /// @return balance What `account` holds, `tonnes` at least.
    /// @return marked Whether some of the balance may be frozen.
    function _checkBalance(
        SerialBlocks.Holding storage holding,
        address account,
        uint256 batchId,
        uint256 tonnes
    ) internal view returns (uint256 balance, bool marked) {
        if (tonnes == 0) revert UnitsAmountZero(batchId);
        (balance, marked) = holding.tonnesAndMark();
        if (tonnes > balance) revert UnitsInsufficientBalance(account, batchId, balance, tonnes);
    }

    /// @dev Takes the named blocks, or any when there are none.
    function _take(
        SerialBlocks.Holding storage holding,
        address from,
        uint256 batchId,
        uint256 tonnes,
        SerialBlock[] calldata blocks
    ) internal returns (uint256[] memory taken) {
        return blocks.length == 0 ? _takeAny(holding, tonnes) : _takeNamed(holding, from, batchId, tonnes, blocks);
    }

    function _takeAny(SerialBlocks.Holding storage holding, uint256 tonnes) internal returns (uint256[] memory taken) {
        uint256 missing;
        (taken, missing) = holding.takeAny(tonnes, MAX_BLOCKS);
        if (missing != 0) revert UnitsTooManyBlocks(MAX_BLOCKS + 1, MAX_BLOCKS, tonnes - missing);
    }

    function _takeNamed(
        SerialBlocks.Holding storage holding,
        address from,
        uint256 batchId,
        uint256 tonnes,
        SerialBlock[] calldata blocks
    ) private returns (uint256[] memory taken) {
        uint256 namedTonnes;
        for (uint256 i; i < blocks.length; ++i) {
            (uint64 start, uint64 end) = (blocks[i].start, blocks[i].end);
            if (start == 0 || end < start || end > SerialBlocks.MAX_SERIAL) revert UnitsBlockInvalid(start, end);
            if (i == MAX_BLOCKS) revert UnitsTooManyBlocks(blocks.length, MAX_BLOCKS, namedTonnes);
            namedTonnes += end - start + 1;
        }
        if (namedTonnes != tonnes) revert UnitsTonnesMismatch(tonnes, namedTonnes);

        uint256 heldCount;
        (taken, heldCount) = holding.takeNamed(blocks);
        if (heldCount != blocks.length) {
            revert UnitsBlockNotHeld(from, batchId, blocks[heldCount].start, blocks[heldCount].end);
        }
    }
}
