// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SerialBlock} from "./SerialBlock.sol";

/// @title The serial blocks of one holder in one batch
/// @notice A list of disjoint blocks. The first two, the sum and the length share one storage slot (the head), so that a holder of one
/// or two blocks costs one slot; later blocks sit three to a slot (the tail).
///
/// Order: a block that arrives goes to the end, unless it merges with a neighbour, whose place it then takes. A block that leaves is
/// replaced by the last of the list. A block cut in the middle keeps its place for the low part; the high part goes to the end.
/// @dev A block is packed into 80 bits: start in the low 40, end in the high 40. Head, from the low bit: tonnes 40, count 32, mark 8,
/// block 0, block 1. Tail words beyond the count keep stale bits, which are never read: not clearing them makes both this removal and
/// the next arrival cheaper. What a caller must ensure is stated at each function; nothing here reverts with a reason.
library SerialBlocks {
    struct Holding {
        uint256 head;
        mapping(uint256 slot => uint256 word) tail;
    }

    /// @dev The list being worked on: the head, and at most one tail word, written back when the work moves on to another word.
    struct Cursor {
        uint256 head;
        uint256 count;
        uint256 slot;
        uint256 word;
        bool dirty;
    }

    /// @notice A block that arrives looks for neighbours among so many of the receiver's latest blocks.
    uint256 internal constant MERGE_WINDOW = 32;
    /// @notice The highest serial number, and the most tonnes, that a holding can carry.
    uint256 internal constant MAX_SERIAL = type(uint40).max;

    uint256 private constant NONE = type(uint256).max;
    uint256 private constant BLOCK_BITS = 80;
    uint256 private constant BLOCK_MASK = (1 << BLOCK_BITS) - 1;
    uint256 private constant SERIAL_BITS = 40;
    uint256 private constant SERIAL_MASK = (1 << SERIAL_BITS) - 1;
    uint256 private constant COUNT_SHIFT = 40;
    uint256 private constant COUNT_MASK = type(uint32).max;
    uint256 private constant MARK = 1 << 72;
    uint256 private constant INLINE_BLOCKS = 2;
    uint256 private constant TAIL_BLOCKS = 3;

    /// @notice Takes up to `wanted` tonnes from the end of the list, each block from its low end, at most `limit` blocks.
    /// @dev The holding must carry at least `wanted` tonnes.
    /// @return taken The packed blocks, in the order in which they were taken.
    /// @return missing What `limit` blocks left short of `wanted`.
    function takeAny(
        Holding storage self,
        uint256 wanted,
        uint256 limit
    ) internal returns (uint256[] memory taken, uint256 missing) {
        Cursor memory cursor = _open(self);
        uint256 takenCount;
        missing = wanted;
        taken = new uint256[](cursor.count < limit ? cursor.count : limit);

        unchecked {
            while (missing != 0 && takenCount < limit) {
                uint256 last = cursor.count - 1;
                uint256 packed = _get(self, cursor, last);
                uint256 tonnesOfBlock = lengthOf(packed);
                if (tonnesOfBlock > missing) {
                    taken[takenCount++] = pack(packed & SERIAL_MASK, (packed & SERIAL_MASK) + missing - 1);
                    _set(self, cursor, last, packed + missing);
                    missing = 0;
                } else {
                    taken[takenCount++] = packed;
                    cursor.count = last;
                    missing -= tonnesOfBlock;
                }
            }
            cursor.head -= wanted - missing;
        }

        _close(self, cursor);
        assembly ("memory-safe") {
            mstore(taken, takenCount)
        }
    }

    /// @notice Takes exactly `blocks`, each of which must lie inside one block of the list.
    /// @dev Every block must be valid (1 <= start <= end <= MAX_SERIAL). Stops at the first that is not held: the caller must then revert.
    /// @return taken The packed blocks.
    /// @return heldCount How many were held; all, when it equals the number given.
    function takeNamed(
        Holding storage self,
        SerialBlock[] calldata blocks
    ) internal returns (uint256[] memory taken, uint256 heldCount) {
        Cursor memory cursor = _open(self);
        taken = new uint256[](blocks.length);

        for (; heldCount < blocks.length; ++heldCount) {
            uint256 named = pack(blocks[heldCount].start, blocks[heldCount].end);
            uint256 index = _find(self, cursor, named);
            if (index == NONE) return (taken, heldCount);

            _cut(self, cursor, index, named);
            cursor.head -= lengthOf(named);
            taken[heldCount] = named;
        }

        _close(self, cursor);
    }

    /// @notice Adds packed blocks, merging each with its neighbours among the latest `MERGE_WINDOW` blocks.
    /// @dev No serial of `blocks` may be in the list already, and the sum must stay within `MAX_SERIAL`.
    function put(Holding storage self, uint256[] memory blocks) internal {
        Cursor memory cursor = _open(self);

        for (uint256 i; i < blocks.length; ++i) {
            _insert(self, cursor, blocks[i]);
            cursor.head += lengthOf(blocks[i]);
        }

        _close(self, cursor);
    }

    /// @notice Makes one block of two adjacent ones.
    /// @dev Both places must exist, and `second` must begin right after the end of `first`.
    function merge(Holding storage self, uint256 first, uint256 second) internal returns (uint256 merged) {
        Cursor memory cursor = _open(self);

        merged = pack(startOf(_get(self, cursor, first)), endOf(_get(self, cursor, second)));
        _set(self, cursor, first, merged);
        _remove(self, cursor, second);

        _close(self, cursor);
    }

    /// @notice Sets the mark of the holding: one bit at the disposal of the contract that keeps it.
    function setMark(Holding storage self, bool marked) internal {
        self.head = marked ? self.head | MARK : self.head & ~MARK;
    }

    /// @notice Both answers for one read of the head.
    function tonnesAndMark(Holding storage self) internal view returns (uint256, bool) {
        uint256 head = self.head;
        return (head & SERIAL_MASK, head & MARK != 0);
    }

    function isMarked(Holding storage self) internal view returns (bool) {
        return self.head & MARK != 0;
    }

    /// @notice The sum of the lengths of the blocks.
    function tonnes(Holding storage self) internal view returns (uint256) {
        return self.head & SERIAL_MASK;
    }

    function count(Holding storage self) internal view returns (uint256) {
        return _countOf(self.head);
    }

    /// @notice The packed block at a place, which must exist.
    function blockAt(Holding storage self, uint256 index) internal view returns (uint256) {
        return _get(self, _open(self), index);
    }

    /// @notice The blocks from place `offset` on, at most `limit`.
    function page(
        Holding storage self,
        uint256 offset,
        uint256 limit
    ) internal view returns (SerialBlock[] memory blocks) {
        Cursor memory cursor = _open(self);
        uint256 length = cursor.count > offset ? cursor.count - offset : 0;
        if (length > limit) length = limit;

        blocks = new SerialBlock[](length);
        for (uint256 i; i < length; ++i) {
            blocks[i] = unpack(_get(self, cursor, offset + i));
        }
    }

    function pack(uint256 start, uint256 end) internal pure returns (uint256) {
        return start | (end << SERIAL_BITS);
    }

    function unpack(uint256 packed) internal pure returns (SerialBlock memory) {
        return SerialBlock({start: uint64(startOf(packed)), end: uint64(endOf(packed))});
    }

    function unpackAll(uint256[] memory packed) internal pure returns (SerialBlock[] memory blocks) {
        blocks = new SerialBlock[](packed.length);
        for (uint256 i; i < packed.length; ++i) {
            blocks[i] = unpack(packed[i]);
        }
    }

    function startOf(uint256 packed) internal pure returns (uint256) {
        return packed & SERIAL_MASK;
    }

    function endOf(uint256 packed) internal pure returns (uint256) {
        return packed >> SERIAL_BITS;
    }

    function lengthOf(uint256 packed) internal pure returns (uint256) {
        unchecked {
            return (packed >> SERIAL_BITS) - (packed & SERIAL_MASK) + 1;
        }
    }

    function _insert(Holding storage self, Cursor memory cursor, uint256 packed) private {
        (uint256 left, uint256 right) = _neighbours(self, cursor, packed);

        if (left == NONE && right == NONE) {
            _set(self, cursor, cursor.count, packed);
            ++cursor.count;
        } else if (right == NONE) {
            _set(self, cursor, left, pack(startOf(_get(self, cursor, left)), endOf(packed)));
        } else if (left == NONE) {
            _set(self, cursor, right, pack(startOf(packed), endOf(_get(self, cursor, right))));
        } else {
            uint256 end = endOf(_get(self, cursor, right));
            _set(self, cursor, left, pack(startOf(_get(self, cursor, left)), end));
            _remove(self, cursor, right);
        }
    }

    /// @dev Removes a block, or the part `named` of it.
    function _cut(Holding storage self, Cursor memory cursor, uint256 index, uint256 named) private {
        uint256 packed = _get(self, cursor, index);

        if (packed == named) {
            _remove(self, cursor, index);
        } else if (startOf(packed) == startOf(named)) {
            _set(self, cursor, index, pack(endOf(named) + 1, endOf(packed)));
        } else {
            _set(self, cursor, index, pack(startOf(packed), startOf(named) - 1));
            if (endOf(packed) != endOf(named)) {
                _set(self, cursor, cursor.count, pack(endOf(named) + 1, endOf(packed)));
                ++cursor.count;
            }
        }
    }

    /// @dev The places of the blocks that end right before, and begin right after, `packed`; `NONE` where there is none near the end.
    /// Each word is read once.
    function _neighbours(
        Holding storage self,
        Cursor memory cursor,
        uint256 packed
    ) private view returns (uint256 left, uint256 right) {
        left = NONE;
        right = NONE;
        unchecked {
            uint256 endBefore = startOf(packed) - 1;
            uint256 startAfter = endOf(packed) + 1;
            uint256 index = cursor.count;
            uint256 floor = index > MERGE_WINDOW ? index - MERGE_WINDOW : 0;
            uint256 word;
            uint256 unread;

            while (index > floor) {
                --index;
                if (unread == 0) (word, unread) = _wordAt(self, cursor, index);
                --unread;
                uint256 candidate = (word >> (BLOCK_BITS * unread)) & BLOCK_MASK;
                if (endOf(candidate) == endBefore) {
                    left = index;
                    if (right != NONE) break;
                } else if (startOf(candidate) == startAfter) {
                    right = index;
                    if (left != NONE) break;
                }
            }
        }
    }

    /// @dev The place of the block that contains `named`: the inline blocks first, which cost nothing, then from the end of the list.
    function _find(Holding storage self, Cursor memory cursor, uint256 named) private view returns (uint256) {
        uint256 index = cursor.count;
        uint256 word;
        uint256 unread;

        unchecked {
            if (index > 0 && _contains(_get(self, cursor, 0), named)) return 0;
            if (index > 1 && _contains(_get(self, cursor, 1), named)) return 1;
            while (index > INLINE_BLOCKS) {
                --index;
                if (unread == 0) (word, unread) = _wordAt(self, cursor, index);
                --unread;
                if (_contains((word >> (BLOCK_BITS * unread)) & BLOCK_MASK, named)) return index;
            }
        }
        return NONE;
    }

    /// @dev The last block takes the place of the one that goes.
    function _remove(Holding storage self, Cursor memory cursor, uint256 index) private {
        uint256 last = cursor.count - 1;
        if (index != last) _set(self, cursor, index, _get(self, cursor, last));
        cursor.count = last;
    }

    function _set(Holding storage self, Cursor memory cursor, uint256 index, uint256 packed) private {
        unchecked {
            if (index < INLINE_BLOCKS) {
                uint256 headShift = BLOCK_BITS * (index + 1);
                cursor.head = (cursor.head & ~(BLOCK_MASK << headShift)) | (packed << headShift);
                return;
            }

            _seek(self, cursor, (index - INLINE_BLOCKS) / TAIL_BLOCKS);
            uint256 shift = BLOCK_BITS * ((index - INLINE_BLOCKS) % TAIL_BLOCKS);
            cursor.word = (cursor.word & ~(BLOCK_MASK << shift)) | (packed << shift);
            cursor.dirty = true;
        }
    }

    function _seek(Holding storage self, Cursor memory cursor, uint256 slot) private {
        if (cursor.slot == slot) return;

        if (cursor.dirty) {
            self.tail[cursor.slot] = cursor.word;
            cursor.dirty = false;
        }
        cursor.slot = slot;
        cursor.word = self.tail[slot];
    }

    function _close(Holding storage self, Cursor memory cursor) private {
        if (cursor.dirty) self.tail[cursor.slot] = cursor.word;

        // Nothing left and no mark: the head goes back to zero, which the chain refunds.
        uint256 head = cursor.head & ~(COUNT_MASK << COUNT_SHIFT);
        self.head = cursor.count == 0 ? head & MARK : head | (cursor.count << COUNT_SHIFT);
    }

    function _open(Holding storage self) private view returns (Cursor memory cursor) {
        cursor.head = self.head;
        cursor.count = _countOf(cursor.head);
        cursor.slot = NONE;
    }

    function _get(Holding storage self, Cursor memory cursor, uint256 index) private view returns (uint256) {
        unchecked {
            (uint256 word, uint256 position) = _wordAt(self, cursor, index);
            return (word >> (BLOCK_BITS * (position - 1))) & BLOCK_MASK;
        }
    }

    /// @dev The word in which a block stands, its lowest block in the low bits, and how many blocks of it come up to this one.
    function _wordAt(
        Holding storage self,
        Cursor memory cursor,
        uint256 index
    ) private view returns (uint256 word, uint256 position) {
        unchecked {
            if (index < INLINE_BLOCKS) return (cursor.head >> BLOCK_BITS, index + 1);

            uint256 slot = (index - INLINE_BLOCKS) / TAIL_BLOCKS;
            word = cursor.slot == slot ? cursor.word : self.tail[slot];
            position = ((index - INLINE_BLOCKS) % TAIL_BLOCKS) + 1;
        }
    }

    function _countOf(uint256 head) private pure returns (uint256) {
        return (head >> COUNT_SHIFT) & COUNT_MASK;
    }

    function _contains(uint256 packed, uint256 named) private pure returns (bool) {
        return startOf(packed) <= startOf(named) && endOf(named) <= endOf(packed);
    }
}
