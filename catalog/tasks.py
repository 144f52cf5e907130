"""What the clock does for the catalogue."""

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack, closing
from typing import Any

from celery import shared_task
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.adapters.archives import PictureArchive
from catalog.adapters.fetching import HttpPictures, Pictures, is_address
from catalog.models import WantedPicture, WantedState
from catalog.services import check_shown_prices, judge_all_listings, switch_listings
from catalog.services.pictures.fetching import JOB, settle_picture
from catalog.services.products.collecting import refresh_collections
from catalog.services.products.searching import SUBJECT
from core.errors import DomainError, InvalidInput, NotAllowed
from core.jobs import JobResult, JobRun, job, owner_of
from core.models import TableImport
from core.schedule import Daily, Every, periodic
from core.similar import forget_words


@shared_task(name="catalog.check_shown_prices")
def check_prices_on_pictures() -> list[int]:
    """Compare what live pictures show with what is asked: prices also change by plan and by file.

    Twice is harmless: what is marked already is left alone.
    """
    return list(check_shown_prices())


@shared_task(name="catalog.switch_listings")
def start_and_end_listings() -> list[int]:
    """Start listings whose moment has come and end those whose time is over.

    Twice is harmless: what was switched is no longer due, and two at once leave each other's products alone.
    """
    return list(switch_listings())


@shared_task(name="catalog.refresh_collections")
def refresh_all_collections() -> dict[str, int]:
    """Let all collections follow their rules.

    Twice is harmless: the second time nothing differs.
    """
    return refresh_collections()


@shared_task(name="catalog.forget_words")
def forget_unused_words() -> int:
    """Forget the words that no product or variant has any more: a mistyped word is compared with those that are used.

    Twice is harmless: the second time nothing is left over.
    """
    return forget_words(subject=SUBJECT, tables=["catalog_product", "catalog_variant"])


@job(JOB, label=gettext_lazy("Pictures of an import"))
def fetch_pictures(run: JobRun) -> JobResult:
    """Fetch what an import's rows named, each address once; a run after a kill goes on with what still waits."""
    table_import = run.parameters["table_import"]
    rows = WantedPicture.objects.filter(table_import=table_import, state=WantedState.WAITING)
    waiting = list(rows.order_by("product_id", "place", "pk").values_list("pk", "source"))
    counts = {WantedState.DONE: 0, WantedState.REFUSED: 0}
    with ExitStack() as stack:
        load = _Loader(stack, table_import, Counter(source for _pk, source in waiting))
        actor = owner_of(run)
        if actor is None and run.owner_id is not None:
            raise NotAllowed(_("The account that asked for this is closed."))
        for number, (pk, source) in enumerate(waiting):
            run.progress(number, len(waiting))
            file, problem = load(source)
            settled = settle_picture(wanted_id=pk, file=file, problem=problem, actor=actor)
            counts[WantedState(settled.state)] += 1
    return JobResult({"done": counts[WantedState.DONE], "refused": counts[WantedState.REFUSED]})


def pictures_outside() -> Pictures:
    """Return who fetches from addresses."""
    return HttpPictures()


class _Loader:
    """Brings pictures by address or out of the import's archive; what several products name is fetched once."""

    def __init__(self, stack: ExitStack, table_import: int | None, uses: Mapping[str, int]) -> None:
        self._stack = stack
        named = TableImport.objects.filter(pk=table_import) if table_import else TableImport.objects.none()
        self._options = named.values_list("options", flat=True).first() or {}
        self._uses = dict(uses)
        self._kept: dict[str, tuple[Any, str]] = {}
        self._outside: Any = None
        self._archive: PictureArchive | None = None

    def __call__(self, source: str) -> tuple[Any, str]:
        """Return (file, ""), or (None, why not)."""
        answer = self._kept.pop(source, None) or self._load(source)
        self._uses[source] -= 1
        if self._uses[source]:
            self._kept[source] = answer  # until the last product that names it
        return answer

    def _load(self, source: str) -> tuple[Any, str]:
        try:
            return (self._from_outside(source) if is_address(source) else self._from_archive(source)), ""
        except DomainError as error:
            return None, str(error)

    def _from_outside(self, source: str) -> Any:
        if self._outside is None:
            self._outside = self._stack.enter_context(closing(pictures_outside()))
        return self._outside.fetch(source)

    def _from_archive(self, source: str) -> Any:
        if self._archive is None:
            name = self._options.get("archive", "")
            if not name or not default_storage.exists(name):
                raise InvalidInput(_("There is no zip file with the pictures any more. Import again with it."))
            file = self._stack.enter_context(default_storage.open(name, "rb"))
            self._archive = self._stack.enter_context(closing(PictureArchive(file)))
        return self._archive.fetch(source)


@shared_task(name="catalog.judge_listings")
def judge_live_listings() -> int:
    """Write down what speaks against live listings, for the tab and the report of what is not sellable.

    Twice is harmless: it writes what the checks say now, and only where that differs.
    """
    return judge_all_listings()


periodic("catalog.forget_words", Daily(hour=18, minute=50))
periodic("catalog.judge_listings", Every(900))
periodic("catalog.check_shown_prices", Every(300))
periodic("catalog.switch_listings", Every(60))
periodic("catalog.refresh_collections", Every(3600))
