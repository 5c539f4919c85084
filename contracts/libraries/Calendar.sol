// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Years of the Gregorian calendar, in days since 1970-01-01 (day 0).
library Calendar {
    uint256 private constant EPOCH_YEAR = 1970;
    /// @dev Leap days of the years 1 to 1969.
    uint256 private constant LEAP_DAYS_BEFORE_EPOCH = 477;

    /// @notice True when at least one day of `year` lies in the period, both ends inclusive. False before 1970.
    function yearTouches(uint256 year, uint256 firstDay, uint256 lastDay) internal pure returns (bool) {
        if (year < EPOCH_YEAR) return false;
        return firstDayOf(year) <= lastDay && firstDay < firstDayOf(year + 1);
    }

    /// @dev Assumes a year of 1970 or later.
    function firstDayOf(uint256 year) internal pure returns (uint256) {
        uint256 yearsBefore = year - 1;
        uint256 leapDays = yearsBefore / 4 - yearsBefore / 100 + yearsBefore / 400 - LEAP_DAYS_BEFORE_EPOCH;
        return (year - EPOCH_YEAR) * 365 + leapDays;
    }
}
