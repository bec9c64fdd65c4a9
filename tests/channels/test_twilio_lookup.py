"""Lookup: what line a number is, and doubt where nobody said."""

import pytest

from app.lab.served import served
from app.lab.twilio import ACCOUNT, TOKEN, LocalTwilio
from channels.lookup import Line, Looked
from channels.twilio_api import TwilioApi
from channels.twilio_lookup import look_up
from tests.channels.make import NOON, run

NUMBER = "+972500000100"


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("mobile", Line.TEXTS),
        ("nonFixedVoip", Line.TEXTS),
        ("landline", Line.LANDLINE),
        ("invalid", Line.INVALID),
        ("hologram", Line.UNKNOWN),
    ],
)
def test_a_number_is_what_twilio_knows_of_it(told: str, line: Line) -> None:
    local = LocalTwilio(lambda: NOON)
    local.lines[NUMBER] = told
    with served(local.app()) as url:
        api = TwilioApi(ACCOUNT, TOKEN, base_url=url)
        looked = run(look_up(api, NUMBER))
        run(api.close())

    assert looked == Looked(NUMBER, line)
    assert NUMBER not in repr(looked)


def test_what_was_not_answered_is_no_reason_not_to_write() -> None:
    lonely = TwilioApi(ACCOUNT, TOKEN, base_url="http://127.0.0.1:9")

    assert run(look_up(lonely, NUMBER)).line is Line.UNKNOWN
    run(lonely.close())
