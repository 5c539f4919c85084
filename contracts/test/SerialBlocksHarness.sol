// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SerialBlock} from "../libraries/SerialBlock.sol";
import {SerialBlocks} from "../libraries/SerialBlocks.sol";

/// @notice Runs random operations on a few holders' block lists and journals each, so that a model can repeat them.
contract SerialBlocksHarness {
    using SerialBlocks for SerialBlocks.Holding;

    enum Kind {
        Issue,
        MoveAny,
        MoveNamed,
        RetireAny,
        RetireNamed,
        Refused,
        Merge
    }

    /// @notice For each operation one word (kind, from << 8, to << 16, number of blocks << 24), then its packed blocks.
    event Journal(uint256[] words);

    uint256 public constant HOLDERS = 5;
    uint256 private constant MAX_BLOCKS = 64;

    uint256 public lastSerial;
    uint256 public liveTonnes;
    mapping(uint256 holder => SerialBlocks.Holding) private _holdings;

    /// @param liveLimit As many tonnes are kept in the holders' hands, about.
    /// @param longest The longest block that is issued.
    function run(uint256 seed, uint256 operations, uint256 liveLimit, uint256 longest) external {
        uint256[] memory words = new uint256[](operations * (1 + MAX_BLOCKS));
        uint256 length;
        for (uint256 i; i < operations; ++i) {
            (Kind kind, uint256 from, uint256 to, uint256[] memory blocks) = _step(
                uint256(keccak256(abi.encode(seed, i))),
                liveLimit,
                longest
            );
            words[length++] = uint256(kind) | (from << 8) | (to << 16) | (blocks.length << 24);
            for (uint256 j; j < blocks.length; ++j) {
                words[length++] = blocks[j];
            }
        }
        assembly ("memory-safe") {
            mstore(words, length)
        }
        emit Journal(words);
    }

    /// @notice Takes the blocks and hands them on; for retirement (`to` = HOLDERS) to nobody. Reverts unless all are held.
    function moveNamed(
        uint256 from,
        uint256 to,
        SerialBlock[] calldata blocks
    ) external returns (uint256[] memory taken) {
        uint256 heldCount;
        (taken, heldCount) = _holdings[from].takeNamed(blocks);
        require(heldCount == blocks.length, "not held");
        if (to < HOLDERS) _holdings[to].put(taken);
    }

    function blocksOf(uint256 holder) external view returns (SerialBlock[] memory) {
        return _holdings[holder].page(0, type(uint256).max);
    }

    function tonnesOf(uint256 holder) external view returns (uint256) {
        return _holdings[holder].tonnes();
    }

    function _step(
        uint256 random,
        uint256 liveLimit,
        uint256 longest
    ) private returns (Kind kind, uint256 from, uint256 to, uint256[] memory blocks) {
        from = (random >> 8) % HOLDERS;
        to = (random >> 16) % HOLDERS;
        uint256 dice = random & 0xff;
        uint256 balance = _holdings[from].tonnes();

        bool scarce = liveTonnes < liveLimit;
        if (balance == 0 && !scarce) return (Kind.Merge, from, from, new uint256[](0));
        if (balance == 0 || (scarce && dice < 64)) return _issue(random, to, longest);
        if (dice < 24) return _merge(random, from);
        if (dice < 120) return _moveAny(random, from, to, balance);
        if (dice < 140) return _moveAny(random, from, HOLDERS, balance);
        if (dice < 150) return _named(random, from, HOLDERS);
        return _named(random, from, to);
    }

    function _issue(
        uint256 random,
        uint256 to,
        uint256 longest
    ) private returns (Kind, uint256, uint256, uint256[] memory blocks) {
        uint256 tonnes = 1 + ((random >> 32) % longest);
        // Now and then a gap, so that the new block is nobody's neighbour.
        uint256 start = lastSerial + 1 + ((random >> 24) & 1);
        blocks = new uint256[](1);
        blocks[0] = SerialBlocks.pack(start, start + tonnes - 1);
        lastSerial = start + tonnes - 1;
        liveTonnes += tonnes;
        _holdings[to].put(blocks);
        return (Kind.Issue, 0, to, blocks);
    }

    function _moveAny(
        uint256 random,
        uint256 from,
        uint256 to,
        uint256 balance
    ) private returns (Kind, uint256, uint256, uint256[] memory blocks) {
        // Small amounts mostly: they are what cuts blocks to pieces.
        uint256 most = (random >> 24) & 7 == 0 ? balance : (balance < 12 ? balance : 12);
        uint256 wanted = 1 + ((random >> 32) % most);
        uint256 missing;
        (blocks, missing) = _holdings[from].takeAny(wanted, MAX_BLOCKS);
        if (to < HOLDERS) {
            _holdings[to].put(blocks);
            return (Kind.MoveAny, from, to, blocks);
        }
        liveTonnes -= wanted - missing;
        return (Kind.RetireAny, from, to, blocks);
    }

    function _named(
        uint256 random,
        uint256 from,
        uint256 to
    ) private returns (Kind, uint256, uint256, uint256[] memory blocks) {
        SerialBlock[] memory named = new SerialBlock[](1 + ((random >> 24) & 3));
        uint256 count = _holdings[from].count();
        for (uint256 i; i < named.length; ++i) {
            random = uint256(keccak256(abi.encode(random)));
            uint256 packed = _holdings[from].blockAt(random % count);
            uint256 length = SerialBlocks.lengthOf(packed);
            uint256 start = SerialBlocks.startOf(packed) + ((random >> 64) % length);
            uint256 end = start + ((random >> 96) % (SerialBlocks.endOf(packed) - start + 1));
            // Often the edges, sometimes one beyond them.
            if ((random >> 128) & 3 == 0) start = SerialBlocks.startOf(packed);
            if ((random >> 130) & 3 == 0) end = SerialBlocks.endOf(packed);
            if ((random >> 132) & 31 == 0) ++end;
            named[i] = SerialBlock(uint64(start), uint64(end));
        }

        try this.moveNamed(from, to, named) returns (uint256[] memory taken) {
            if (to < HOLDERS) return (Kind.MoveNamed, from, to, taken);
            for (uint256 i; i < taken.length; ++i) {
                liveTonnes -= SerialBlocks.lengthOf(taken[i]);
            }
            return (Kind.RetireNamed, from, to, taken);
        } catch {
            blocks = new uint256[](named.length);
            for (uint256 i; i < named.length; ++i) {
                blocks[i] = SerialBlocks.pack(named[i].start, named[i].end);
            }
            return (Kind.Refused, from, to, blocks);
        }
    }

    /// @dev Merges a block with the one that follows it, wherever that is in the list; nothing when there is none.
    function _merge(uint256 random, uint256 holder) private returns (Kind, uint256, uint256, uint256[] memory blocks) {
        SerialBlock[] memory list = _holdings[holder].page(0, type(uint256).max);
        uint256 first = random % list.length;
        for (uint256 second; second < list.length; ++second) {
            if (list[second].start == list[first].end + 1) {
                blocks = new uint256[](1);
                blocks[0] = _holdings[holder].merge(first, second);
                break;
            }
        }
        return (Kind.Merge, holder, holder, blocks);
    }
}
