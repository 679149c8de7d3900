"""The public holidays of France."""

import datetime as dt

from guinguette.adapters.public_holidays import is_public_holiday


def test_the_eleven_holidays_of_the_labour_code_and_no_other() -> None:
    """Eleven days in 2027, Easter's counted from Easter (28 March); Good Friday is Alsace's."""
    days = (dt.date(2027, 1, 1) + dt.timedelta(days=n) for n in range(365))
    assert [day.isoformat()[5:] for day in days if is_public_holiday(day)] == [
        "01-01", "03-29", "05-01", "05-06", "05-08", "05-17", "07-14", "08-15", "11-01", "11-11", "12-25",
    ]  # fmt: skip
