"""Customers' wishes out of a file and into one: "Engraving*: text 20; Wrapping: yes/no; Ribbon: red | blue"."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog.importing.known import ids_by_key
from catalog.importing.touched import Touched
from catalog.models import CustomOption, Product, WishKind
from catalog.services.content.wishing import MAX_CHOICES, MAX_NAME, MAX_TEXT, MAX_WISHES
from catalog.services.review.reviewing import content_changed
from core.errors import InvalidInput
from core.models import TableChange
from core.resources import Part, PartRow, PartRun, settle
from core.resources.choices import CHANGED, is_clear_mark

WISHES = "wishes"
_BETWEEN, _CHOICE, _NAME, _REQUIRED, _FLAG, _TEXT = ";", "|", ":", "*", "yes/no", "text"
_ENTRY = re.compile(r"(?P<name>[^:;|]+?)(?P<required>\*?)\s*:(?P<told>[^;]*)")
_OF_TEXT = re.compile(rf"{_TEXT}(?:\s+(?P<length>\d{{1,4}}))?")


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish as a file says it."""

    name: str
    kind: str
    choices: tuple[str, ...] = ()
    max_length: int | None = None
    is_required: bool = False

    @property
    def text(self) -> str:
        """Return it as a cell says it, empty for one that would come back as something else."""
        if any(mark in text for text in (self.name, *self.choices) for mark in (_BETWEEN, _CHOICE, "\n")):
            return ""
        if _NAME in self.name or self.name.endswith(_REQUIRED):
            return ""
        told = {
            WishKind.CHOICE.value: f" {_CHOICE} ".join(self.choices),
            WishKind.FLAG.value: _FLAG,
            WishKind.TEXT.value: f"{_TEXT} {self.max_length}" if self.max_length else _TEXT,
        }[self.kind]
        return f"{self.name}{_REQUIRED if self.is_required else ''}{_NAME} {told}"


def wish_of(row: CustomOption) -> Wish:
    """Return a stored wish."""
    return Wish(row.name, str(row.kind), tuple(row.choices), row.max_length, row.is_required)


def told_wishes(wishes: Iterable[Wish]) -> str:
    """Return the cell of a product's wishes; what a cell cannot say is left out, and stays when it comes back."""
    return f"{_BETWEEN} ".join(text for wish in wishes if (text := wish.text))


def read_wishes(cell: str) -> list[Wish]:
    """Return the wishes of a cell; InvalidInput says what is wrong with it."""
    found: dict[str, Wish] = {}
    for part in cell.replace("\n", _BETWEEN).split(_BETWEEN):
        if not part.strip():
            continue
        entry = _ENTRY.fullmatch(part.strip())
        if entry is None:
            raise InvalidInput(_how(part))
        wish = _read(" ".join(entry["name"].split()), entry["told"].strip(), bool(entry["required"]), part)
        if wish.name.casefold() in found:
            raise InvalidInput(_("“%(name)s” stands twice.") % {"name": wish.name})
        found[wish.name.casefold()] = wish
    return list(found.values())


def _read(name: str, told: str, is_required: bool, part: str) -> Wish:  # noqa: FBT001 one of four pieces
    if len(name) > MAX_NAME:
        raise InvalidInput(_("Write a name of at most %(limit)s characters.") % {"limit": MAX_NAME})
    if _CHOICE in told:
        choices = tuple(dict.fromkeys(" ".join(one.split()) for one in told.split(_CHOICE) if one.strip()))
        if not 2 <= len(choices) <= MAX_CHOICES or max(map(len, choices)) > MAX_NAME:
            raise InvalidInput(_("Give 2 to %(count)s different choices.") % {"count": MAX_CHOICES})
        return Wish(name, WishKind.CHOICE.value, choices, None, is_required)
    if told == _FLAG:
        return Wish(name, WishKind.FLAG.value, (), None, is_required)
    text = _OF_TEXT.fullmatch(told)
    if text is None:
        raise InvalidInput(_how(part))
    length = int(text["length"]) if text["length"] else None
    if length is not None and not 1 <= length <= MAX_TEXT:
        raise InvalidInput(_("The longest text has 1 to %(limit)s characters.") % {"limit": MAX_TEXT})
    return Wish(name, WishKind.TEXT.value, (), length, is_required)


def _how(part: str) -> str:
    return _("“%(told)s” is no wish. Write “Name: text 20”, “Name: yes/no” or “Name: one | two”, with “;” between.") % {
        "told": part.strip()[:60]
    }


class WishesPart(Part):
    """The wishes of products, keyed by code; those that a cell does not name stay, the mark removes all."""

    model = CustomOption

    def __init__(self, touched: Touched) -> None:
        super().__init__(
            "wishes", columns={"code": "product", WISHES: WISHES}, keys=["product"], label="catalog.wishes"
        )
        self.touched = touched

    def apply(self, run: PartRun) -> None:
        """Check all rows, then add and change in a few statements."""
        rows = run.good_rows()
        products = ids_by_key(Product, "code", [str(row.cells["product"]).strip() for row in rows])
        stored: dict[int, dict[str, CustomOption]] = {}
        for wish in CustomOption.objects.filter(product__in=products.values()).order_by("position", "id"):
            stored.setdefault(wish.product_id, {})[wish.name.casefold()] = wish
        new: list[tuple[PartRow, CustomOption]] = []
        changed: list[tuple[PartRow, CustomOption, Wish]] = []
        for row in rows:
            product = products.get(str(row.cells["product"]).strip())
            if product is None:
                run.refuse(row, "product", _("There is no product with this code."))
                continue
            held = stored.setdefault(product, {})
            if is_clear_mark(row.cells.get(WISHES)):
                self._clear(run, row, product, held)
            else:
                self._compare(run, row, product, held, new, changed)
        CustomOption.objects.bulk_create([wish for _row, wish in new])
        CustomOption.objects.bulk_update([wish for _row, wish, _old in changed], _COLUMNS)
        for row, wish in new:
            run.keep(row, object_id=wish.pk, created=True, after=_data(wish_of(wish)))
        for row, wish, old in changed:
            run.keep(row, object_id=wish.pk, before=_data(old), after=_data(wish_of(wish)))

    def _compare(
        self,
        run: PartRun,
        row: PartRow,
        product: int,
        held: dict[str, CustomOption],
        new: list[tuple[PartRow, CustomOption]],
        changed: list[tuple[PartRow, CustomOption, Wish]],
    ) -> None:
        try:
            wanted = read_wishes(str(row.cells[WISHES]))
        except InvalidInput as error:
            run.refuse(row, WISHES, str(error))
            return
        if len({*held, *(wish.name.casefold() for wish in wanted)}) > MAX_WISHES:
            run.refuse(row, WISHES, _("A product has at most %(count)s wishes.") % {"count": MAX_WISHES})
            return
        before = told_wishes(map(wish_of, held.values()))
        is_same = True
        for wish in wanted:
            known = held.get(wish.name.casefold())
            if known is not None and wish_of(known) == wish:
                continue
            is_same = False
            if known is None:
                made = CustomOption(product_id=product, position=len(held), **_columns(wish))
                held[wish.name.casefold()] = made
                new.append((row, made))
            else:
                changed.append((row, known, wish_of(known)))
                _set(known, wish)
        if not is_same:
            run.told(row, CHANGED, {WISHES: (before, told_wishes(map(wish_of, held.values())))})
            self.touched.change([product], "wishes")

    def _clear(self, run: PartRun, row: PartRow, product: int, held: dict[str, CustomOption]) -> None:
        if not held:
            return
        for wish in held.values():
            place = {"product": product, "position": wish.position}
            run.keep(row, object_id=wish.pk, before=_data(wish_of(wish)) | place)
        CustomOption.objects.filter(pk__in=[wish.pk for wish in held.values()]).delete()
        run.told(row, CHANGED, {WISHES: (told_wishes(map(wish_of, held.values())), "")})
        self.touched.change([product], "wishes")
        held.clear()

    # --- back

    def undo(self, changes: Sequence[TableChange], user: Any) -> None:
        """Take new wishes away, give changed and removed ones back; what was changed since stays."""
        stands = CustomOption.objects.in_bulk([change.object_id for change in changes])
        products = {wish.product_id for wish in stands.values()}
        for change in changes:
            wish = stands.get(change.object_id)
            if not change.after:
                products |= _made_again(change)
            elif wish is None:
                settle(change, "" if change.created else "gone")
            elif _data(wish_of(wish)) != change.after:
                settle(change, "changed", {WISHES: wish_of(wish).text})
            else:
                settle(change)
                _put_back(wish, change)
        content_changed(product_ids=sorted(products), parts=["wishes"], actor=user)


_COLUMNS = ["name", "kind", "choices", "max_length", "is_required"]


def _data(wish: Wish) -> dict[str, Any]:
    return asdict(wish) | {"choices": list(wish.choices)}


def _columns(told: Wish | Mapping[str, Any]) -> dict[str, Any]:
    data = told if isinstance(told, Mapping) else _data(told)
    return {name: data[name] for name in _COLUMNS}


def _set(row: CustomOption, told: Wish | Mapping[str, Any]) -> None:
    for name, value in _columns(told).items():
        setattr(row, name, value)


def _put_back(wish: CustomOption, change: TableChange) -> None:
    if change.created:
        wish.delete()
    else:
        _set(wish, change.before)
        wish.save(update_fields=_COLUMNS)


def _made_again(change: TableChange) -> set[int]:
    """Make a wish that the file removed again, unless another has its name by now; return its product."""
    before = change.before
    same = CustomOption.objects.filter(product=before["product"], name__iexact=before["name"]).exists()
    if same or not Product.objects.filter(pk=before["product"]).exists():
        settle(change, "changed" if same else "gone")
        return set()
    settle(change)
    CustomOption.objects.create(product_id=before["product"], position=before["position"], **_columns(before))
    return {before["product"]}
