"""The names under which the files of words say days: a closed set."""

from __future__ import annotations

from typing import Final

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
IN_DAYS: Final = {
    "yesterday": -1,
    "day_before_yesterday": -2,
    "today": 0,
    "tomorrow": 1,
    "day_after_tomorrow": 2,
    "in_two_days": 2,
    "in_three_days": 3,
    "in_a_week": 7,
    "in_ten_days": 10,
    "in_two_weeks": 14,
    "in_three_weeks": 21,
    "two_days_ago": -2,
    "three_days_ago": -3,
    "a_week_ago": -7,
    "two_weeks_ago": -14,
}
IN_MONTHS: Final = {"in_a_month": 1, "in_two_months": 2, "a_month_ago": -1}
COUNTED: Final = {
    "in_n_days": 1, "in_n_weeks": 7, "n_days_ago": -1, "n_weeks_ago": -7,
}  # fmt: skip
SPANS: Final = (
    "this_week", "next_week", "this_month", "next_month", "end_of_week", "end_of_month",
    "end_of_next_month", "start_of_month", "mid_month",
)  # fmt: skip
MARKS: Final = (
    "day_of_month",  # a number that can only be a day: the 5th
    "next",  # with a weekday: the one of next week
    "last",  # with a weekday: the one that was
    "after",  # the day behind the one that follows
    "end_of",  # with a month
    "start_of",
    "other_calendar",  # a month of another calendar: its day is not ours
)
DAY_KEYS: Final = (*WEEKDAYS, *MONTHS, *IN_DAYS, *IN_MONTHS, *COUNTED, *SPANS, *MARKS)
