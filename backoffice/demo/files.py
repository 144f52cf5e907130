"""Two files of the last days: phone orders that were imported, with a row refused, and a file that lacks columns."""

import csv
import io
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.core.files.base import ContentFile

from backoffice.demo.people import Crowd
from backoffice.demo.plan import Plan
from backoffice.demo.premises import channel_ids
from core.imports.running import run_import
from core.imports.services import set_mapping, start_import, upload_file
from core.models import ImportState
from staff.models import User

CHANNEL = "seoul-shop"
TARGET = "orders.lines"
COLUMNS = (
    "external_number",
    "placed_at",
    "sku",
    "name",
    "options",
    "quantity",
    "unit_price",
    "stated_total",
    "is_paid",
    "payment_method",
    "buyer_name",
    "buyer_email",
    "buyer_phone",
    "recipient_name",
    "postcode",
    "region",
    "city",
    "address_1",
    "address_2",
    "country",
)
PHONE_ORDERS = 12
ILLEGIBLE = "두 개"  # a quantity in words: the row is refused with its reason


def import_files(*, plan: Plan, actor: User) -> None:
    """Upload and import both files as the EC manager would."""
    options = {"sales_channel": channel_ids()[CHANNEL]}
    draft = _csv(["주문일", "상품명", "담당"], [[f"{plan.begin.now:%Y-%m-%d}", "재고 확인 부탁드립니다", "CS"]])
    refused = upload_file(target=TARGET, file=ContentFile(draft, name="draft.csv"), options=options, actor=actor)
    set_mapping(batch_id=refused.pk, definition={"fields": {"placed_at": "주문일", "name": "상품명"}}, actor=actor)
    name = f"phone-orders-{plan.begin.now:%Y%m%d}.csv"
    content = _csv(COLUMNS, list(_rows(plan)))
    batch = upload_file(target=TARGET, file=ContentFile(content, name=name), options=options, actor=actor)
    if batch.format is None:  # the delivered formats are not in this database
        mapping = {"fields": {column: column for column in COLUMNS}}
        batch = set_mapping(batch_id=batch.pk, definition=mapping, actor=actor)
    start_import(batch_id=batch.pk, actor=actor)
    batch = run_import(batch_id=batch.pk)
    if batch.state != ImportState.DONE:
        raise RuntimeError(f"the file of the demo was not imported: {batch.state} {batch.problem}")


def _rows(plan: Plan) -> Iterator[list[str]]:
    rng = random.Random(plan.begin.seed + 1)  # noqa: S311 an invented shop is no secret
    crowd = Crowd("KR", rng, serial=9_900)
    offered = [one for one in plan.products if CHANNEL in one.offers and one.launched_at < plan.begin.now]
    for number in range(1, PHONE_ORDERS + 1):
        buyer = crowd.person()
        placed_at = plan.begin.now - timedelta(minutes=rng.randrange(20, 300))
        chosen = rng.sample(offered[:200], rng.choice((1, 1, 2)))
        prices = [one.price(CHANNEL, placed_at) for one in chosen]
        for one, price in zip(chosen, prices, strict=True):
            variant = rng.choice(one.variants)
            yield [
                f"TEL-{plan.begin.now:%y%m%d}-{number:02d}",
                f"{placed_at:%Y-%m-%d %H:%M}",
                variant.sku,
                one.names["ko"],
                variant.options("ko"),
                ILLEGIBLE if number == PHONE_ORDERS else "1",
                str(price),
                str(sum(prices)),
                "Y",
                "Card",
                buyer.name,
                buyer.email,
                buyer.phone,
                buyer.name,
                buyer.postcode,
                buyer.region,
                buyer.city,
                buyer.address_1,
                buyer.address_2,
                "KR",
            ]


def _csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")
