"""Reviews as a target of the import engine: one row a review, of any mall's file."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import SalesChannel
from core.errors import InvalidInput
from core.imports.reasons import register_reasons
from core.imports.targets import Chunk, Field, Kind, Result, Setting, Target, register
from core.models import ImportBatch, ImportRow, RowOutcome
from voice.services import GivenReview, take_reviews

if TYPE_CHECKING:
    from staff.models import User

_MADE, _DIGITS = "file:", 32  # what a review without a number is known by


class Reviews(Target):
    """One row a review; option: sales_channel (id). Stars as 1 to 5, or as a percentage of five."""

    code = "voice.reviews"
    label = _("Reviews")
    permission = "voice.add_review"
    fields = (
        Field(name="external_id", label=_("number of the review"), kind=Kind.CODE, max_length=150,
              aliases=("리뷰번호", "후기번호", "구매평번호", "レビュー番号", "レビューID", "review_id")),
        Field(name="rating", label=_("stars"), kind=Kind.TEXT, is_required=True, max_length=10,
              aliases=("별점", "평점", "구매자평점", "評価", "総合評価", "Rating", "rating_pct", "stars", "score")),
        Field(name="title", label=_("title"), max_length=300, is_cut=True,
              aliases=("리뷰제목", "제목", "タイトル", "レビュータイトル", "Title")),
        Field(name="body", label=pgettext_lazy("review", "text"), max_length=20_000, is_cut=True, is_personal=True,
              aliases=("리뷰내용", "리뷰상세내용", "구매평", "후기", "レビュー本文", "レビュー", "投稿内容",
                       "Review Text", "review", "comment")),
        Field(name="author_name", label=pgettext_lazy("review", "author"), max_length=120, is_cut=True,
              is_personal=True, aliases=("작성자", "등록자", "投稿者", "ニックネーム", "author")),
        Field(name="product_code", label=_("product code or SKU"), kind=Kind.CODE, max_length=120,
              aliases=("상품번호", "상품코드", "商品管理番号", "商品番号", "goodsNo", "Clothing ID", "sku")),
        Field(name="order_number", label=_("order number"), kind=Kind.CODE, max_length=80,
              aliases=("주문번호", "상품주문번호", "注文番号", "order_id")),
        Field(name="written_at", label=_("written"), kind=Kind.MOMENT,
              aliases=("작성일", "리뷰등록일", "등록일시", "投稿日", "投稿日時", "date")),
    )  # fmt: skip

    def setting(self, options: dict[str, Any]) -> Setting:
        """Return zone and likely encodings of the channel; InvalidInput when none was chosen."""
        channel = channel_of(options)
        encodings = {"KR": ("cp949",), "JP": ("cp932",)}.get(channel.country, ("cp949", "cp932"))
        return Setting(time_zone=channel.time_zone, country=channel.country, encodings=encodings)

    def write(self, chunk: Chunk, *, batch: ImportBatch, actor: "User | None") -> list[Result]:
        """Take the chunk's reviews in and tell each row's outcome."""
        results: list[Result | None] = [self._refusal(chunk, place) for place in range(len(chunk.numbers))]
        sound = [place for place, result in enumerate(results) if result is None]
        numbers = _numbers(chunk, sound, batch)
        taken = take_reviews(
            sales_channel_id=channel_of(batch.options).pk,
            rows=[_review(chunk, place, numbers[place]) for place in sound],
        )
        for place, (review, is_new) in zip(sound, taken, strict=True):
            results[place] = Result(
                outcome=RowOutcome.CREATED if is_new else RowOutcome.UNCHANGED,
                kind="review",
                reference=review.external_id,
                object_id=review.pk,
            )
        return [result for result in results if result is not None]

    def kind_label(self, kind: str) -> Any:
        """Return what people call a row of this kind."""
        return {"review": pgettext_lazy("customer", "Review")}.get(kind, kind)

    def _refusal(self, chunk: Chunk, place: int) -> Result | None:
        if chunk.problems[place]:
            return Result(outcome=RowOutcome.REFUSED, reasons=chunk.problems[place])
        if stars_of(str(chunk.column("rating")[place] or "")) is None:
            return Result(outcome=RowOutcome.REFUSED, reasons=[{"code": "voice.no_stars"}])
        return None


def stars_of(text: str) -> int | None:
    """Return one to five stars: of "4", "4.0", "★★★★", or "80" (of a hundred); None for anything else."""
    words = text.strip().rstrip("점%点")
    if words and set(words) <= {"★", "☆"}:
        stars = words.count("★")
    else:
        whole, _point, rest = words.partition(".")
        if not (whole.isascii() and whole.isdigit() and set(rest) <= {"0"} and len(whole) < 4):
            return None
        stars = int(whole) // 20 if int(whole) > 5 and int(whole) % 20 == 0 else int(whole)
    return stars if 1 <= stars <= 5 else None


def channel_of(options: dict[str, Any]) -> SalesChannel:
    """Return the chosen sales channel; InvalidInput when none was chosen."""
    try:
        return SalesChannel.objects.get(pk=options.get("sales_channel") or 0)
    except (SalesChannel.DoesNotExist, TypeError, ValueError):
        raise InvalidInput(_("Choose the sales channel of these reviews.")) from None


def _numbers(chunk: Chunk, sound: Sequence[int], batch: ImportBatch) -> dict[int, str]:
    """Return the number of each of these rows; where the file has none, one made of its words (one statement).

    Rows that say the very same are told apart by how often the file said it before them: two customers who both write
    "Good" are two reviews, and the same file again finds the same numbers.
    """
    numbers = {place: str(chunk.column("external_id")[place] or "") for place in sound}
    digests = {place: _digest(chunk, place) for place in sound if not numbers[place]}
    said: Counter[str] = Counter()
    if digests:
        earlier = ImportRow.objects.filter(batch=batch, number__lt=min(chunk.numbers), reference__startswith=_MADE)
        wanted = set(digests.values())
        references = earlier.annotate(digest=Substr("reference", len(_MADE) + 1, _DIGITS)).filter(digest__in=wanted)
        said.update(references.values_list("digest", flat=True))
    for place, digest in digests.items():
        said[digest] += 1
        numbers[place] = f"{_MADE}{digest}" if said[digest] == 1 else f"{_MADE}{digest}:{said[digest]}"
    return numbers


def _digest(chunk: Chunk, place: int) -> str:
    names = ("product_code", "rating", "title", "body", "author_name", "written_at")
    told = [str(chunk.column(name)[place] or "") for name in names]
    return hashlib.sha256("\x1f".join(told).encode("utf-8", "replace")).hexdigest()[:_DIGITS]


def _review(chunk: Chunk, place: int, number: str) -> GivenReview:
    def value(name: str) -> str:
        return str(chunk.column(name)[place] or "")

    return GivenReview(
        external_id=number,
        rating=stars_of(value("rating")) or 1,
        title=value("title"),
        body=value("body"),
        author_name=value("author_name"),
        product_code=value("product_code"),
        order_number=value("order_number"),
        written_at=chunk.column("written_at")[place],
    )


register_reasons({"voice.no_stars": _("The stars are missing, or not one to five.")})
register(Reviews())
