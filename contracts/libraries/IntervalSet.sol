// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Intervals of whole numbers, both ends inclusive, of which no two overlap, whatever the order of arrival.
/// @dev A linked list sorted by start. The caller says where a new interval belongs (the start of the interval before
/// it, found off chain); that is checked against both neighbours: a wrong hint is refused, and the cost never grows.
library IntervalSet {
    struct Node {
        uint64 end;
        /// @dev Start of the following interval; zero for the last.
        uint64 next;
    }

    struct Set {
        /// @dev Keyed by start. Node 0 stands before the first interval: it belongs to the list, not to the set.
        mapping(uint64 start => Node) nodes;
    }

    /// @notice A number of the new interval is in this one already.
    error IntervalSetOverlap(uint64 existingStart, uint64 existingEnd);
    /// @notice The hint is not the start of the interval just before the new one (zero when there is none).
    error IntervalSetHintInvalid(uint64 hint);

    /// @dev Assumes 1 <= start <= end: the caller has its own error for that.
    /// @param hint Start of the greatest interval below `start`; zero when there is none.
    function insert(Set storage set, uint64 start, uint64 end, uint64 hint) internal {
        Node storage inserted = set.nodes[start];
        Node storage previous = set.nodes[hint];
        (uint64 previousEnd, uint64 next) = (previous.end, previous.next);

        require(inserted.end == 0, IntervalSetOverlap(start, inserted.end));
        require(hint == 0 || (hint < start && previousEnd != 0), IntervalSetHintInvalid(hint));
        require(previousEnd < start, IntervalSetOverlap(hint, previousEnd));
        require(next == 0 || next > start, IntervalSetHintInvalid(hint));
        require(next == 0 || next > end, IntervalSetOverlap(next, set.nodes[next].end));

        (inserted.end, inserted.next) = (end, next);
        previous.next = start;
    }
}
