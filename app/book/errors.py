"""What the book refuses.

BookError(ValueError)
├── LedgerError              a posting that cannot be true
│   ├── UnknownCustomer
│   └── UnknownPayment
├── AddressError             a text that is no usable number or mailbox
├── MappingError             a mapping file that cannot be used, with all its findings
├── ChargesError             charges that cannot be claimed, or a rate that cannot be added
├── OfferError               an offer that cannot be made
├── FeedError                a file that cannot be read as a feed at all
├── ReplayError              a scratch database that is not empty
└── SecretNeeded             addresses come in while some are withheld, and no secret
"""

from __future__ import annotations

from campaigns.findings import Finding
from campaigns.worded import Worded, joined, worded


class BookError(ValueError):
    """The book refuses; nothing was changed by the call."""


class LedgerError(BookError):
    """A posting that cannot be true."""


class UnknownCustomer(LedgerError):
    def __init__(self, customer_id: int) -> None:
        super().__init__(f"there is no customer {customer_id}; import the customer first")


class UnknownPayment(LedgerError):
    def __init__(self, key: str) -> None:
        super().__init__(
            f"reversal {key} names no payment of this customer; post the payment first"
        )


class AddressError(BookError):
    """A text that is no usable number or mailbox. The message never repeats the text."""


class MappingError(BookError):
    """Everything that keeps a file from being a mapping, or from fitting the feed."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(map(str, findings)))

    @property
    def told(self) -> Worded:
        """The same for whoever has the mapping before them, one finding a line."""
        return joined(map(_told, self.findings), "\n")


class FeedError(BookError):
    """A file that cannot be read as a feed at all."""


class ReplayError(BookError):
    """A scratch database that is not empty."""

    def __init__(self) -> None:
        super().__init__("the scratch database holds a book already; replay into an empty one")


class ChargesError(BookError):
    """Charges that cannot be claimed, or a reference rate that cannot be added."""


class OfferError(BookError):
    """An offer that cannot be made as it is told."""


class SecretNeeded(BookError):
    """Addresses come in while some are withheld, and nothing is there to recognise them by."""

    def __init__(self) -> None:
        super().__init__(
            worded(
                "This book holds erased addresses that may not be written to again; they are"
                " recognised by the installation's secret alone. Give it (DULY_SECRET_KEY) to what"
                " imports."
            )
        )


def _told(finding: Finding) -> Worded:
    return worded(
        "Line %(line)s of the mapping: %(problem)s. %(remedy)s",
        line=finding.line,
        problem=finding.problem,
        remedy=finding.remedy,
    )
