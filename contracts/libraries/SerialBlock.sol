// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A contiguous range of serial numbers of one batch, both ends inclusive: `end - start + 1` tonnes.
/// @dev Serial numbers of a batch run from 1 to its issued tonnes. Zero is never a serial number.
struct SerialBlock {
    uint64 start;
    uint64 end;
}
