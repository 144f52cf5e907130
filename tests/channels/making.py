"""A mall that lives in memory, and its connection."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings

from catalog.models import SalesChannel
from channels.adapters.asking import Access, AskedMall
from channels.models import Connection
from channels.services.connecting import save_connection
from core.asking import RefusedError, UnansweredError
from service.models import Inlet, InletKind
from service.services.intake.filing import FiledMessage
from shipping.adapters.channels import Told
from tests.factories import make_channel
from tests.service.making import make_inlet


class Square(AskedMall):
    """A mall that keeps what it is told in class variables, refuses and falls silent when it is told to."""

    SECRETS = ("key",)
    ACCOUNT = "Shop number"
    USER = ""
    ASKS = frozenset({InletKind.MALL, InletKind.PRODUCT_QUESTION})

    asked: ClassVar[list[FiledMessage]] = []
    told: ClassVar[list[Told]] = []
    answers: ClassVar[dict[str, str]] = {}
    windows: ClassVar[list[tuple[str, datetime, datetime]]] = []
    accesses: ClassVar[list[Access]] = []
    silent: ClassVar[set[str]] = set()  # of these methods nobody hears
    loses: ClassVar[set[str]] = set()  # they are done, and the answer is lost
    refusal: ClassVar[RefusedError | None] = None
    closed = 0

    def __init__(self, access: Access) -> None:
        self.account = access.account
        self.accesses.append(access)

    def close(self) -> None:
        """Count who was let go."""
        Square.closed += 1

    def check(self) -> None:
        """Hear whether anybody is there."""
        self._hear("check")

    def tell(self, parcels: Sequence[Told]) -> Mapping[int, str]:
        """Keep the parcels."""
        self._hear("tell")
        self.told.extend(parcels)
        return {one.notice_id: "" for one in parcels}

    def questions(self, kind: InletKind, *, since: datetime, until: datetime) -> Iterator[FiledMessage]:
        """Return everything that was asked; the windows are kept."""
        self._hear("questions")
        self.windows.append((kind.value, since, until))
        return iter(self.asked if kind == InletKind.MALL else [])

    def answer(self, kind: InletKind, *, number: str, text: str) -> None:
        """Keep the answer; a second one to the same question is refused."""
        self._hear("answer")
        if number in self.answers:
            raise RefusedError("answered already", 400)
        self.answers[number] = text
        if "answer" in self.loses:
            raise UnansweredError("ReadTimeout")

    def conversation(self, kind: InletKind, number: str) -> list[FiledMessage]:
        """Return our answer, where there is one."""
        return [FiledMessage(thread=number, body=self.answers[number], is_ours=True)] if number in self.answers else []

    def _hear(self, method: str) -> None:
        if method in self.silent:
            raise UnansweredError("ConnectTimeout")
        if self.refusal is not None:
            raise self.refusal


def open_square(monkeypatch: Any) -> type[Square]:
    """Let Coupang be such a mall in this test."""
    from channels.adapters import choosing  # noqa: PLC0415 the registry, not its names

    for name in ("asked", "told", "windows", "accesses"):
        monkeypatch.setattr(Square, name, [])
    for name in ("silent", "loses"):
        monkeypatch.setattr(Square, name, set())
    monkeypatch.setattr(Square, "answers", {})
    monkeypatch.setattr(Square, "refusal", None)
    monkeypatch.setattr(Square, "closed", 0)
    monkeypatch.setitem(choosing.CLIENTS, "coupang", Square)
    return Square


def connect(channel: SalesChannel | None = None, *, inlet: Inlet | None = None, **over: Any) -> Connection:
    """Connect a channel of that mall, with its key."""
    channel = channel or make_channel(code="cp-kr", kind="coupang", time_zone="Asia/Seoul")
    settings.CHANNEL_SECRETS[channel.code.upper().replace("-", "_") + "_KEY"] = "s3cret"
    inlet = inlet or make_inlet(kind="mall", sales_channel=channel)
    values = {"sales_channel": channel, "account": "A-1", "mall_inlet": inlet, **over}
    return save_connection(connection_id=None, values=values, actor=None)
