// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Calendar} from "../libraries/Calendar.sol";
import {IntervalSet} from "../libraries/IntervalSet.sol";
import {ShortCode} from "../libraries/ShortCode.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {TaxCode} from "../libraries/TaxCode.sol";

/// @notice Lets tests call the internal libraries.
contract LibrariesHarness {
    using IntervalSet for IntervalSet.Set;

    struct Insertion {
        uint64 start;
        uint64 end;
        uint64 hint;
    }

    event Inserted(uint256 index);
    event Refused(uint256 index, bytes reason);

    IntervalSet.Set private _set;

    /// @notice Tries each; one that is refused changes nothing and harms no other.
    function insertMany(Insertion[] calldata insertions) external {
        for (uint256 i = 0; i < insertions.length; ++i) {
            try this.insert(insertions[i]) {
                emit Inserted(i);
            } catch (bytes memory reason) {
                emit Refused(i, reason);
            }
        }
    }

    function insert(Insertion calldata insertion) external {
        _set.insert(insertion.start, insertion.end, insertion.hint);
    }

    function isValidSignature(address account, bytes32 hash, bytes calldata signature) external view returns (bool) {
        return Signatures.isValid(account, hash, signature);
    }

    function isValidCode(bytes32 code) external pure returns (bool) {
        return ShortCode.isValid(code);
    }

    function firstDayOf(uint256 year) external pure returns (uint256) {
        return Calendar.firstDayOf(year);
    }

    function yearTouches(uint256 year, uint256 firstDay, uint256 lastDay) external pure returns (bool) {
        return Calendar.yearTouches(year, firstDay, lastDay);
    }

    function parseTaxCode(string calldata text) external pure returns (bool valid, uint64 code) {
        return TaxCode.tryParse(text);
    }
}
