"""The provider of the bench: a Twilio that takes its time, until its standard input ends."""

from __future__ import annotations

import sys
from datetime import timedelta

from app.clock import SystemClock
from app.garbage import rare_collection
from app.lab.faults import Faults
from app.lab.served import served
from app.lab.twilio import LocalTwilio


def main(latency_ms: int) -> None:
    """Says its address, and answers after so long."""
    local = LocalTwilio(
        SystemClock().now, faults=Faults(latency=timedelta(milliseconds=latency_ms))
    )
    with rare_collection(), served(local.app()) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]))
