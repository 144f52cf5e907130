"""What a mall is asked: take our parcels, show what its customers ask, hand over our answers."""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import httpx
from django.utils.translation import gettext as _

from core.asking import RefusedError, UnansweredError
from service.models import InletKind
from service.services.intake.filing import FiledMessage
from shipping.adapters.channels import Told

logger = logging.getLogger(__name__)
WRONG_KEYS = {401, 403}
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)
CLOCKS = timedelta(minutes=10)  # that ours and the mall's may differ
MOST_IN_VAIN = 3  # parcels in a row
LONGEST = 240.0  # seconds of one telling: less than a lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How one account is reached; ``secrets`` come from the environment, by the names that the client declares.

    ``account`` and ``user`` are what the client calls so. ``url`` replaces the mall's own address, for its sandbox.
    """

    account: str
    user: str = ""
    url: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


class Mall(ABC):
    """A client of one account; UnansweredError where nobody knows what became of it, RefusedError for a no."""

    SECRETS: ClassVar[tuple[str, ...]] = ()  # in lower case: "client_id"
    ACCOUNT: ClassVar[Any] = ""  # a lazy label of what ``Access.account`` is; empty where it needs none
    USER: ClassVar[Any] = ""  # the same of ``Access.user``
    ASKS: ClassVar[frozenset[InletKind]] = frozenset()  # whose questions it shows: MALL, PRODUCT_QUESTION
    _client: httpx.Client

    @abstractmethod
    def __init__(self, access: Access) -> None: ...

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    @abstractmethod
    def check(self) -> None:
        """Ask for something small that only works when account and secrets are right."""

    @abstractmethod
    def tell(self, parcels: Sequence[Told]) -> Mapping[int, str]:
        """Tell of parcels (at most 200) and return the mall's answers by ``notice_id``.

        Empty for taken, else its words why not; left out: no answer, it is asked again. A parcel that the mall knows
        with the same tracking number already is taken: telling twice is the same as telling once.
        """


class AskedMall(Mall):
    """One that shows what its customers ask, and takes our answers."""

    OVERLAP: ClassVar[timedelta] = timedelta(hours=1)  # read again each time: others' clocks, what shows late
    REREAD: ClassVar[timedelta] = timedelta(days=7)  # read again once a day: answers of others

    @abstractmethod
    def questions(self, kind: InletKind, *, since: datetime, until: datetime) -> Iterator[FiledMessage]:
        """Return what was asked, or answered, between the two moments, the oldest first.

        ``thread`` is the mall's number of the question, by which it is answered. Where its words came in several
        pieces each has its ``external_id``; answers that others wrote come with it. The mall's limits of a window and
        its pages are the client's business.
        """

    @abstractmethod
    def answer(self, kind: InletKind, *, number: str, text: str) -> None:
        """Hand over our answer to a question."""

    @abstractmethod
    def conversation(self, kind: InletKind, number: str) -> Iterable[FiledMessage]:
        """Return what was said about one question, by them and by us."""

    def is_answered(self, kind: InletKind, *, number: str, text: str, since: datetime) -> bool:
        """Tell whether we said exactly this there since then; asked when the answer to ``answer`` was lost."""
        said = [one for one in self.conversation(kind, number) if one.is_ours and is_same(one.body, text)]
        return any(one.at is None or one.at >= since - CLOCKS for one in said)


def tell_each(parcels: Sequence[Told], tell: Callable[[Told], str]) -> dict[int, str]:
    """Tell parcel by parcel and return the answers by notice; what gets none is left out and owed as before.

    ``tell`` returns why a parcel was not taken, else nothing. It ends early when the mall falls silent or takes long,
    so that who tells keeps the lease, and where the keys seem wrong: what the mall denied is that parcel's refusal only
    when it took another one afterwards. RefusedError, UnansweredError where no parcel at all got an answer.
    """
    answers: dict[int, str] = {}
    denied: dict[int, RefusedError] = {}
    silent, end = 0, time.monotonic() + LONGEST
    for parcel in parcels:
        try:
            answers[parcel.notice_id] = _told(parcel, tell)
        except UnansweredError:
            silent += 1
        except RefusedError as refusal:
            denied[parcel.notice_id] = refusal
        else:
            answers.update({notice: refusal.code for notice, refusal in denied.items()})
            denied, silent = {}, 0
        if max(silent, len(denied)) >= MOST_IN_VAIN or time.monotonic() > end:
            break
    if denied and not answers:
        raise next(iter(denied.values()))
    if parcels and not answers:
        raise UnansweredError("no parcel")
    return answers


def _told(parcel: Told, tell: Callable[[Told], str]) -> str:
    try:
        return tell(parcel)
    except RefusedError as refusal:
        if refusal.http_status in WRONG_KEYS:
            raise
        return refusal.code
    except UNREADABLE as failure:
        logger.warning("parcel cannot be told notice=%s error=%s", parcel.notice_id, type(failure).__name__)
        return _("The order’s number or the mall’s answer cannot be read.")


def read_rows(
    rows: Iterable[Any], read: Callable[[Mapping[str, Any]], Iterator[FiledMessage]], number: str
) -> Iterator[FiledMessage]:
    """Return what the mall's rows say; one that cannot be read is left out, its ``number`` noted."""
    for row in rows:
        try:
            yield from read(row)
        except UNREADABLE:
            logger.warning("question cannot be read number=%s", row.get(number) if isinstance(row, dict) else "?")


def word_for(words: Mapping[str, str], carrier: str) -> str:
    """Return what a mall calls a carrier of ours; RefusedError where it has no word for it."""
    if carrier not in words:
        raise RefusedError(_("This channel has no word for %(carrier)s.") % {"carrier": carrier})
    return words[carrier]


def is_same(one: str, other: str) -> bool:
    """Tell whether two texts have the same words; malls lay out line ends and spaces as they like."""
    return one.split() == other.split()
