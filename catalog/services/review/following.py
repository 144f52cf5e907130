"""Tasks of product registration follow their product, and their check lists what is in order about it."""

from collections.abc import Collection, Mapping

from catalog.checking import checks, run_checks
from catalog.models import Product, SalesChannel
from staff.models import OPEN_STATUSES, ChecklistItem, TaskKind, TaskStatus, User
from staff.selectors import tasks_about
from staff.services import follow_subject, tick_lines

KINDS = (TaskKind.PRODUCT_REGISTRATION, TaskKind.PRODUCT_EDIT)
# codes of checks -> what lines of check lists call their matter, in the three languages
_WORDS: Mapping[str, tuple[str, ...]] = {
    "picture": ("picture", "photo", "image", "사진", "이미지", "画像", "写真"),
    "price": ("price", "판매가", "가격", "価格"),
    "text": ("product name", "title", "description", "text", "상품명", "설명", "商品名", "説明"),
    "notice": ("notice", "고시", "告示"),
    "certificate": ("certificate", "kc number", "인증", "認証"),
    "category": ("category", "카테고리", "カテゴリ"),
    "attribute": ("attribute", "속성", "属性"),
    "variant": ("options, sku", "variant", "옵션", "バリエーション"),
}


def carry_tasks(
    *, product_id: int, to: TaskStatus, note: str = "", place: str = "", actor: User | None = None
) -> list[int]:
    """Bring the tasks of registering and changing this product to where the product is; return which moved."""
    tasks = tasks_about(Product, [product_id]).filter(kind__in=KINDS)
    ids = list(tasks.order_by("pk").values_list("pk", flat=True))
    return follow_subject(task_ids=ids, to=to, note=note, place=place, actor=actor) if ids else []


def tick_registration(*, product: Product, actor: User | None = None) -> int:
    """Tick the lines of open registration tasks whose matter is in order on every channel; return how many.

    A line is ticked when it names one matter or several and no check has anything to say about them, not even a
    warning. What no check knows is left to people.
    """
    lines = list(
        ChecklistItem.objects.filter(
            task__in=tasks_about(Product, [product.pk]).filter(kind__in=KINDS, status__in=OPEN_STATUSES), done_at=None
        ).select_related("template_item")
    )
    if not lines:
        return 0
    wrong = {found.check for found in run_checks([product], channels_of(product), codes=_WORDS)}
    right = {check.code for check in checks()} - wrong
    return tick_lines(item_ids=[line.pk for line in lines if _is_in_order(line, right)], actor=actor)


def channels_of(product: Product) -> list[SalesChannel]:
    """Return where the product is, or is planned, to be sold; all active channels when nothing is planned yet."""
    active = SalesChannel.objects.filter(is_active=True)
    planned = list(active.filter(listings__product=product).exclude(listings__state="ended").distinct())
    priced = list(active.filter(prices__variant__product=product).distinct())
    return planned or priced or list(active)


def _is_in_order(line: ChecklistItem, right: Collection[str]) -> bool:
    item = line.template_item
    said = " ".join([line.own_text, *([item.text_en, item.text_ko, item.text_ja] if item else [])]).casefold()
    meant = {code for code, words in _WORDS.items() if any(word in said for word in words)}
    return bool(meant) and meant <= set(right)
