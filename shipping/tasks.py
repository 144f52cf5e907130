"""Shipping by the clock."""

from celery import shared_task
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.errors import NotAllowed
from core.jobs import JobResult, JobRun, job, owner_of
from core.models import Job
from core.schedule import Daily, Every, periodic
from core.taking import note_file_taken
from orders.policies import can_see_money
from shipping.policies import can_print
from shipping.services import expire_files, watch_parcels
from shipping.services.papers import PARCEL_COLUMNS, packing_slips
from shipping.services.waves import tidy_waves


@shared_task(name="shipping.tidy_waves")
def tidy_all_waves() -> int:
    """Let orders leave their waves that cannot be packed any more; twice is harmless, who has left does not wait."""
    return tidy_waves()


periodic("shipping.tidy_waves", Every(60))


@job("shipping.packing_slips", label=gettext_lazy("Packing slips"))
def make_slips(this: JobRun) -> JobResult:
    """Make the PDF of many slips; started again it makes the same. Who asked must still be allowed to print."""
    actor = owner_of(this)
    if actor is None or not can_print(actor):
        raise NotAllowed(_("Your role does not include this. Ask an administrator if you need it."))
    ids = [int(pk) for pk in this.parameters["orders"]]
    prices = bool(this.parameters["prices"]) and can_see_money(actor)
    pdf = packing_slips(order_ids=ids, with_prices=prices, language=get_language() or "en")
    note_file_taken(
        subject=Job(pk=this.job_id), table=_("Packing slips"), rows=len(ids), columns=PARCEL_COLUMNS, whose=ids,
        address="", actor=actor,
    )  # fmt: skip
    return JobResult({"orders": len(ids)}, filename="packing-slips.pdf", content=pdf)


@shared_task(name="shipping.watch_parcels")
def watch_all_parcels() -> int:
    """Open what shows no sign of life; twice is harmless: a parcel has one such alert."""
    return watch_parcels()


@shared_task(name="shipping.expire_files")
def expire_old_files() -> int:
    """Delete files with addresses after their term; twice is harmless, what is gone is gone."""
    return expire_files()


periodic("shipping.watch_parcels", Daily(hour=19, minute=10))
periodic("shipping.expire_files", Daily(hour=18, minute=40))
