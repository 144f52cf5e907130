"""What a mall is asked: take our parcels, show what its customers ask, hand over our answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from service.models import InletKind
from service.services.intake.filing import FiledMessage
from shipping.adapters.channels import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How one account is reached; ``secrets`` come from the environment, by the names that the client declares.

    ``account`` and ``user`` are what the client calls so. ``url`` replaces the mall's own address, for its sandbox.
    """

    account: str
    user: str = ""
    url: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


class Mall(Protocol):
    """A client of one account; UnansweredError where nobody knows what became of it, RefusedError for a no."""

    SECRETS: ClassVar[tuple[str, ...]]  # in lower case: "client_id"
    ACCOUNT: ClassVar[object]  # a lazy label of what ``Access.account`` is
    USER: ClassVar[object]  # the same of ``Access.user``; empty where it needs none
    TELLS: ClassVar[bool]  # it can be told of parcels
    ASKS: ClassVar[frozenset[InletKind]]  # whose questions it shows: MALL, PRODUCT_QUESTION

    def __init__(self, access: Access) -> None: ...

    def close(self) -> None:
        """Let the connections go."""

    def check(self) -> None:
        """Ask for something small that only works when account and secrets are right."""

    def tell(self, parcels: Sequence[Told]) -> Mapping[int, str]:
        """Tell of parcels (at most 200) and return the mall's answers by ``notice_id``.

        Empty for taken, else its words why not; left out: no answer, it is asked again. A parcel that the mall knows
        with the same tracking number already is taken: telling twice is the same as telling once.
        """

    def questions(self, kind: InletKind, *, since: datetime, until: datetime) -> Iterator[FiledMessage]:
        """Return what was asked, or answered, between the two moments, the oldest first.

        ``thread`` is the mall's number of the question, by which it is answered. Where its words came in several
        pieces each has its ``external_id``; answers that others wrote come with it. The mall's limits of a window and
        its pages are the client's business.
        """

    def answer(self, kind: InletKind, *, number: str, text: str) -> None:
        """Hand over our answer to a question."""

    def is_answered(self, kind: InletKind, *, number: str, text: str) -> bool:
        """Tell whether the mall has exactly this answer; asked when the answer to ``answer`` was lost."""
