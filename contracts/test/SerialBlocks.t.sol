// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SerialBlock} from "../libraries/SerialBlock.sol";
import {SerialBlocks} from "../libraries/SerialBlocks.sol";

/// @notice Block lists against the plainest model: for each holder the set of its serial numbers, one bit each.
/// After every operation the lists of both holders must be exactly the set, without overlap, in as few blocks as there are runs.
contract SerialBlocksTest {
    using SerialBlocks for SerialBlocks.Holding;

    uint256 private constant HOLDERS = 4;
    /// @dev The set of serials that nobody holds (retired, or not issued yet).
    uint256 private constant NOBODY = HOLDERS;
    uint256 private constant MAX_BLOCKS = 64;

    /// @dev What one round works on.
    struct Round {
        uint256 id;
        uint256 seed;
        /// @dev Serials 1 to `serials` exist, at most 255.
        uint256 serials;
        uint256[HOLDERS + 1] sets;
        /// @dev Whether a holder's list was ever longer than the merge window: then it need not be maximal.
        bool[HOLDERS] exceeded;
    }

    mapping(uint256 round => mapping(uint256 holder => SerialBlocks.Holding)) private _holdings;

    /// @notice INV-2: 70,000 operations on lists that never exceed the merge window.
    function test_INV2_shortListsEqualTheModel() external {
        for (uint256 i; i < 140; ++i) {
            this.round(i, 500, 2 * SerialBlocks.MERGE_WINDOW);
        }
    }

    /// @notice INV-2: 30,000 operations on lists of any length.
    function test_INV2_longListsEqualTheModel() external {
        for (uint256 i; i < 60; ++i) {
            this.round(1000 + i, 500, 255);
        }
    }

    /// @notice INV-2 from any seed.
    function testFuzz_INV2_listsEqualTheModel(uint256 seed, uint8 serials) external {
        this.round(seed, 40, 16 + (uint256(serials) % 240));
    }

    function testFuzz_packKeepsBothEnds(uint40 start, uint40 length) external pure {
        uint256 end = uint256(start) + length;
        if (start == 0 || end > SerialBlocks.MAX_SERIAL) return;

        uint256 packed = SerialBlocks.pack(start, end);

        assert(SerialBlocks.startOf(packed) == start);
        assert(SerialBlocks.endOf(packed) == end);
        assert(SerialBlocks.lengthOf(packed) == uint256(length) + 1);
    }

    function testFuzz_theMarkTouchesNothingElse(uint40 start, bool marked) external {
        if (start == 0) return;
        SerialBlocks.Holding storage holding = _holdings[0][0];
        uint256[] memory blocks = new uint256[](1);
        blocks[0] = SerialBlocks.pack(start, start);
        holding.put(blocks);

        holding.setMark(marked);

        assert(holding.isMarked() == marked);
        assert(holding.tonnes() == 1 && holding.count() == 1 && holding.blockAt(0) == blocks[0]);
        holding.takeAny(1, 1);
        assert(holding.isMarked() == marked);
        assert(holding.tonnes() == 0 && holding.count() == 0);
    }

    /// @notice One round in a call of its own, so that its memory is given back.
    function round(uint256 seed, uint256 operations, uint256 serials) external {
        require(msg.sender == address(this), "only from a test");
        Round memory state;
        state.id = seed;
        state.seed = seed;
        state.serials = serials;
        state.sets[NOBODY] = _maskOf(SerialBlocks.pack(1, serials));

        for (uint256 i; i < operations; ++i) {
            _step(state);
        }
    }

    /// @dev External, because the library takes named blocks from calldata, and so that a refusal undoes itself.
    function takeNamed(uint256 id, uint256 holder, SerialBlock[] calldata blocks) external {
        require(msg.sender == address(this), "only from a test");
        (uint256[] memory taken, uint256 heldCount) = _holdings[id][holder].takeNamed(blocks);
        require(heldCount == blocks.length, "not held");
        for (uint256 i; i < taken.length; ++i) {
            assert(taken[i] == SerialBlocks.pack(blocks[i].start, blocks[i].end));
        }
    }

    function _step(Round memory state) private {
        uint256 dice = _random(state, 100);
        uint256 from = _random(state, HOLDERS);
        // Now and then to nobody: a retirement.
        uint256 to = _random(state, 16) == 0 ? NOBODY : _random(state, HOLDERS);

        if (state.sets[from] == 0 || dice < 12) _issue(state, from);
        else if (dice < 50) _moveAny(state, from, to);
        else if (dice < 94) _moveNamed(state, from, to);
        else _merge(state, from);

        _compare(state, from);
        if (to != NOBODY) _compare(state, to);
    }

    function _issue(Round memory state, uint256 to) private {
        uint256 start = 1 + _random(state, state.serials);
        uint256 end = start;
        uint256 longest = 1 + _random(state, 12);
        if (state.sets[NOBODY] & (1 << start) == 0) return;
        while (end < state.serials && end - start + 1 < longest && state.sets[NOBODY] & (1 << (end + 1)) != 0) ++end;

        uint256[] memory blocks = new uint256[](1);
        blocks[0] = SerialBlocks.pack(start, end);
        _holdings[state.id][to].put(blocks);
        _give(state, NOBODY, to, blocks[0]);
    }

    function _moveAny(Round memory state, uint256 from, uint256 to) private {
        SerialBlocks.Holding storage holding = _holdings[state.id][from];
        SerialBlock[] memory list = holding.page(0, type(uint256).max);
        uint256 most = holding.tonnes();
        if (_random(state, 4) != 0 && most > 6) most = 6;
        uint256 wanted = 1 + _random(state, most);

        (uint256[] memory taken, uint256 missing) = holding.takeAny(wanted, MAX_BLOCKS);

        // The rule: from the end of the list, each block from its low end.
        uint256 rest = wanted;
        for (uint256 i; i < taken.length; ++i) {
            SerialBlock memory last = list[list.length - 1 - i];
            uint256 length = last.end - last.start + 1;
            if (length > rest) length = rest;
            assert(taken[i] == SerialBlocks.pack(last.start, last.start + length - 1));
            rest -= length;
            _give(state, from, to, taken[i]);
        }
        assert(rest == missing);
        assert(rest == 0 || taken.length == MAX_BLOCKS);
        if (to != NOBODY) _holdings[state.id][to].put(taken);
    }

    function _moveNamed(Round memory state, uint256 from, uint256 to) private {
        SerialBlock[] memory blocks = _nameBlocks(state, from);
        bool owned = true;
        uint256 rest = state.sets[from];
        uint256[] memory packed = new uint256[](blocks.length);
        for (uint256 i; i < blocks.length; ++i) {
            packed[i] = SerialBlocks.pack(blocks[i].start, blocks[i].end);
            uint256 mask = _maskOf(packed[i]);
            if (rest & mask != mask) owned = false;
            rest &= ~mask;
        }

        try this.takeNamed(state.id, from, blocks) {
            assert(owned);
            for (uint256 i; i < packed.length; ++i) {
                _give(state, from, to, packed[i]);
            }
            if (to != NOBODY) _holdings[state.id][to].put(packed);
        } catch {
            assert(!owned || state.exceeded[from]);
        }
    }

    /// @dev Parts of held blocks, their edges often, and now and then one serial too many.
    function _nameBlocks(Round memory state, uint256 holder) private view returns (SerialBlock[] memory blocks) {
        SerialBlocks.Holding storage holding = _holdings[state.id][holder];
        blocks = new SerialBlock[](1 + _random(state, 3));
        for (uint256 i; i < blocks.length; ++i) {
            uint256 held = holding.blockAt(_random(state, holding.count()));
            uint256 start = SerialBlocks.startOf(held);
            if (_random(state, 3) != 0) start += _random(state, SerialBlocks.lengthOf(held));
            uint256 end = SerialBlocks.endOf(held);
            if (_random(state, 3) != 0) end = start + _random(state, end - start + 1);
            if (_random(state, 24) == 0 && end < state.serials) ++end;
            blocks[i] = SerialBlock(uint64(start), uint64(end));
        }
    }

    /// @dev A block with the one that follows it, wherever that stands; ownership must stay as it is.
    function _merge(Round memory state, uint256 holder) private {
        SerialBlocks.Holding storage holding = _holdings[state.id][holder];
        SerialBlock[] memory list = holding.page(0, type(uint256).max);
        uint256 first = _random(state, list.length);
        for (uint256 second; second < list.length; ++second) {
            if (list[second].start != list[first].end + 1) continue;
            uint256 merged = holding.merge(first, second);
            assert(merged == SerialBlocks.pack(list[first].start, list[second].end));
            assert(holding.count() == list.length - 1);
            return;
        }
    }

    function _give(Round memory state, uint256 from, uint256 to, uint256 packed) private pure {
        uint256 mask = _maskOf(packed);
        assert(state.sets[from] & mask == mask);
        state.sets[from] &= ~mask;
        state.sets[to] |= mask;
    }

    function _compare(Round memory state, uint256 holder) private view {
        SerialBlocks.Holding storage holding = _holdings[state.id][holder];
        SerialBlock[] memory list = holding.page(0, type(uint256).max);
        uint256 set;
        for (uint256 i; i < list.length; ++i) {
            assert(list[i].start <= list[i].end);
            uint256 mask = _maskOf(SerialBlocks.pack(list[i].start, list[i].end));
            assert(set & mask == 0);
            set |= mask;
        }
        assert(set == state.sets[holder]);
        assert(holding.tonnes() == _bits(set));

        if (list.length > SerialBlocks.MERGE_WINDOW) state.exceeded[holder] = true;
        // A run begins at each bit whose lower neighbour is not set.
        if (!state.exceeded[holder]) assert(list.length == _bits(set & ~(set << 1)));
    }

    function _random(Round memory state, uint256 bound) private pure returns (uint256) {
        state.seed = uint256(keccak256(abi.encode(state.seed)));
        return state.seed % bound;
    }

    function _maskOf(uint256 packed) private pure returns (uint256) {
        return ((1 << SerialBlocks.lengthOf(packed)) - 1) << SerialBlocks.startOf(packed);
    }

    function _bits(uint256 set) private pure returns (uint256 count) {
        for (; set != 0; set &= set - 1) ++count;
    }
}
