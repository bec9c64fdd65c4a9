"""The transport: one request, once, and the truth about it."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock
from urllib.parse import parse_qsl

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import ChannelClosed, ChannelMisuse, NoAnswer, ProviderUnavailable
from channels.transport import (
    LONGEST_BODY,
    Answer,
    Failure,
    Limits,
    Redirected,
    Reply,
    Request,
    Transport,
    Unanswered,
    Unsent,
    error_of,
    retry_after,
    urlencoded,
)
from tests.channels.wire import Reply as WireReply
from tests.channels.wire import answer, hang_up, keep_silent, says, wire

QUICK = Limits(
    connect=timedelta(seconds=0.3), read=timedelta(seconds=0.3), total=timedelta(seconds=0.6)
)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEY = aiohttp.client_reqrep.ConnectionKey("there", 443, True, True, None, None, None)


def post(url: str, *more: str) -> list[Reply]:
    """What one transport answers for a POST to each of these addresses, in a row."""

    async def calls() -> list[Reply]:
        transport = Transport(QUICK)
        try:
            return [
                await transport.carry(Request(method="POST", url=each, form={"To": "+1 é"}))
                for each in (url, *more)
            ]
        finally:
            await transport.close()

    return asyncio.run(calls())


def test_it_hands_back_status_headers_and_body() -> None:
    with wire(answer("201 Created", '{"a": 1}', X_Request_Id="7")) as there:
        (reply,) = post(f"{there.url}/messages?x=1")

    assert isinstance(reply, Answer)
    assert (reply.status, reply.body, reply.is_whole) == (201, b'{"a": 1}', True)
    assert reply.headers["x-request-id"] == "7"
    assert there.heard[0].startswith(b"POST /messages?x=1 HTTP/1.1\r\n")
    assert there.heard[0].endswith(b"To=%2B1+%C3%A9")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_followed_nowhere(status: str) -> None:
    with wire(answer("200 OK")) as elsewhere, wire(answer(status, Location=elsewhere.url)) as there:
        (reply,) = post(there.url)

    assert reply == Redirected(int(status[:3]))
    assert elsewhere.heard == []


@given(st.dictionaries(st.text(), st.text(), min_size=1))
def test_a_form_is_read_back_as_it_was_written(form: dict[str, str]) -> None:
    def readable(text: str) -> str:
        return text.encode("utf-8", "ignore").decode()

    clean = {readable(name): readable(value) for name, value in form.items()}

    assert dict(parse_qsl(urlencoded(clean).decode(), keep_blank_values=True)) == clean


def test_a_port_that_nobody_listens_on_is_unsent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    assert post(f"http://127.0.0.1:{port}/") == [Unsent("connect")]


@pytest.mark.parametrize(
    ("greeting", "why"), [(says("HTTP/1.1 400 Bad\n\n"), "tls"), (keep_silent, "connect-timeout")]
)
def test_a_server_without_a_secret_handshake_gets_nothing(greeting: WireReply, why: str) -> None:
    with wire(greeting) as there:
        replies = post(there.url.replace("http:", "https:"))

    assert replies == [Unsent(why)]
    assert not any(b"POST" in heard for heard in there.heard)


def test_certificates_and_names_are_verified() -> None:
    async def context() -> ssl.SSLContext:
        transport = Transport()
        session = transport._opened()
        assert isinstance(session.connector, aiohttp.TCPConnector)
        found = session.connector._ssl
        await transport.close()
        assert isinstance(found, ssl.SSLContext)
        return found

    verifying = asyncio.run(context())

    assert verifying.verify_mode is ssl.CERT_REQUIRED
    assert verifying.check_hostname


def test_a_connection_that_breaks_after_the_request_is_unanswered_and_not_tried_again() -> None:
    with wire(hang_up) as there:
        replies = post(there.url)

    assert replies == [Unanswered("reset")]
    assert len(there.heard) == 1


def test_a_kept_connection_that_breaks_is_not_tried_again_either() -> None:
    with wire(answer("201 Created"), hang_up) as there:
        first, second = post(there.url, there.url)

    assert isinstance(first, Answer)
    assert second == Unanswered("reset")
    assert len(there.heard) == 2


def test_silence_is_unanswered() -> None:
    with wire(keep_silent) as there:
        assert post(there.url) == [Unanswered("timeout")]


def test_what_is_no_http_is_unanswered() -> None:
    with wire(says("220 mail.example ESMTP\n")) as there:
        assert post(there.url) == [Unanswered("malformed")]


def test_the_status_holds_where_the_body_does_not_come() -> None:
    with wire(says('HTTP/1.1 429 Too Many\nContent-Length: 900\n\n{"code"')) as there:
        (reply,) = post(there.url)

    assert isinstance(reply, Answer)
    assert (reply.status, reply.is_whole) == (429, False)


def test_a_body_that_has_no_end_is_cut() -> None:
    with wire(answer("200 OK", "x" * (LONGEST_BODY + 9))) as there:
        (reply,) = post(there.url)

    assert isinstance(reply, Answer)
    assert (len(reply.body), reply.is_whole) == (LONGEST_BODY, False)


def test_it_stays_on_the_loop_that_it_began_on() -> None:
    transport = Transport(QUICK)
    with wire(answer("200 OK")) as there, asyncio.Runner() as first:
        request = Request(method="GET", url=there.url)
        first.run(transport.carry(request))
        with pytest.raises(ChannelMisuse, match="one event loop"):
            asyncio.run(transport.carry(request))
        first.run(transport.close())


def test_it_carries_nothing_after_it_was_closed() -> None:
    async def calls() -> None:
        transport = Transport()
        await transport.close()
        await transport.close()
        await transport.carry(Request(method="GET", url="http://127.0.0.1:9/"))

    with pytest.raises(ChannelClosed):
        asyncio.run(calls())


def test_an_address_that_is_none_is_our_own_fault() -> None:
    with pytest.raises(ChannelMisuse, match="no address"):
        post("localhost")


@pytest.mark.parametrize(
    ("problem", "failure"),
    [
        (aiohttp.ClientConnectorDNSError(KEY, OSError("no such host")), Unsent("dns")),
        (aiohttp.ClientConnectorCertificateError(KEY, Exception("expired")), Unsent("tls")),
        (aiohttp.ClientConnectorSSLError(KEY, OSError("handshake")), Unsent("tls")),
        (aiohttp.ClientConnectorError(KEY, OSError("refused")), Unsent("connect")),
        (aiohttp.ConnectionTimeoutError(), Unsent("connect-timeout")),
        (aiohttp.SocketTimeoutError(), Unanswered("timeout")),
        (TimeoutError(), Unanswered("timeout")),
        (aiohttp.ClientResponseError(Mock(), ()), Unanswered("malformed")),
        (aiohttp.ClientOSError(), Unanswered("reset")),
        (aiohttp.ServerDisconnectedError(), Unanswered("reset")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_what_fails_before_a_connection_stands_is_certainly_unsent(
    problem: Exception, failure: Failure
) -> None:
    from channels import transport

    assert transport._failure(problem) == failure


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (Redirected(308), ProviderUnavailable("twilio", "redirect-308")),
        (Unsent("dns"), ProviderUnavailable("twilio", "dns")),
        (Unanswered("timeout"), NoAnswer("twilio", "timeout")),
    ],
)
def test_a_failure_is_an_error_of_the_provider(
    failure: Failure, error: ProviderUnavailable | NoAnswer
) -> None:
    assert error_of(failure, "twilio") == error


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("7", 7),
        ("0", None),
        ("", None),
        ("soon", None),
        ("Mon, 02 Mar 2026 12:01:30 GMT", 90),
        ("Mon, 02 Mar 2026 11:00:00 GMT", None),
        ("999999999999999", 3600),
    ],
)
def test_the_wait_that_is_asked_for_is_read_and_bounded(wish: str, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)

    assert retry_after(Answer(429, {"retry-after": wish}, b""), NOON) == expected
