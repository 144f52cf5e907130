"""Pictures named by a file: noted with its rows, fetched when the import is done."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.adapters.fetching import check_address, is_address
from catalog.importing.columns import PICTURES, VARIANT_IMAGE
from catalog.importing.known import ids_by_key, variants_by_sku
from catalog.models import Product, ProductImage, WantedPicture, WantedState
from catalog.services.pictures.fetching import PictureWish, forget_pictures, want_pictures
from catalog.services.pictures.picturing import assign_image
from core.errors import DomainError
from core.models import TableChange
from core.resources import Part, PartRow, PartRun, settle
from core.resources.choices import CHANGED, is_blank, is_clear_mark

LENGTH = 2000
LAST = 1000  # the place of a picture that only a variant names
ARCHIVE = "pictures"  # in the choices of the import: the archive beside the file, if there is one


class _Picturing(Part):
    model = WantedPicture

    def undo(self, changes: Sequence[TableChange], user: Any) -> None:
        """Take away the pictures that the file brought, and fetch no more of them."""
        stays = forget_pictures(
            wanted_ids=[change.object_id for change in changes if change.created],
            reason=_("The import is undone."),
            actor=user,
        )
        for change in changes:
            settle(change, stays.get(change.object_id, ""))

    @staticmethod
    def source_of(row: PartRow, column: str) -> str:
        """Return the source in a cell, empty without one."""
        cell = row.cells.get(column)
        return "" if is_blank(cell) or is_clear_mark(cell) else str(cell).strip()

    @staticmethod
    def check(run: PartRun, row: PartRow, column: str, source: str) -> None:
        """Refuse a new source that can be seen to lead nowhere."""
        archive = run.choices.extra.get(ARCHIVE)
        try:
            if len(source) > LENGTH or "\x00" in source:
                run.refuse(row, column, _("An address has at most %(count)s characters.") % {"count": LENGTH})
            elif is_address(source):
                check_address(source)
            elif archive is not None and not archive.has(source):
                run.refuse(row, column, _("There is no picture “%(name)s” in the zip file.") % {"name": source[:100]})
        except DomainError as error:
            run.refuse(row, column, str(error))


class PicturesPart(_Picturing):
    """The pictures of products, keyed by code; what a product has, or waits for, is not fetched again."""

    def __init__(self) -> None:
        columns = {"code": "product", **{name: name for name in PICTURES}}
        super().__init__("pictures", columns=columns, keys=["product"], label="catalog.pictures")

    def apply(self, run: PartRun) -> None:
        """Note the new pictures."""
        rows = run.good_rows()
        products = ids_by_key(Product, "code", [_key(row, "product") for row in rows])
        known = _known(products.values())
        wishes: list[tuple[PartRow, str, PictureWish]] = []
        for row in rows:
            found = []
            product = products.get(_key(row, "product"))
            for place, column in enumerate(PICTURES[::2]):
                source = self.source_of(row, column)
                if source and product is not None and (product, source) not in known:
                    self.check(run, row, column, source)
                    words = str(row.cells.get(f"{column}_alt") or "").strip()
                    wish = PictureWish(product_id=product, source=source, place=place, alt_text=words)
                    found.append((row, column, wish))
            if product is None:
                run.refuse(row, "product", _("There is no product with this code."))
            if not run.is_refused(row):
                wishes += found
        _note(run, wishes)


class VariantPicturesPart(_Picturing):
    """Which picture shows which variant, keyed by SKU: one picture shows one variant, the first that names it."""

    def __init__(self) -> None:
        columns = {"sku": "variant", VARIANT_IMAGE: VARIANT_IMAGE}
        super().__init__("variant_pictures", columns=columns, keys=["variant"], label="catalog.variant_pictures")

    def apply(self, run: PartRun) -> None:
        """Give the picture to its variant, or note it as one of the product's."""
        rows = run.good_rows()
        variants = variants_by_sku(_key(row, "variant") for row in rows)
        products = {product for _pk, product in variants.values()}
        stored = _known(products)
        asked = {(one.product_id, one.source): one for one in _wanted(products)}
        wishes: list[tuple[PartRow, str, PictureWish]] = []
        new: set[tuple[int, str]] = set()
        for row in rows:
            source = self.source_of(row, VARIANT_IMAGE)
            if _key(row, "variant") not in variants:
                run.refuse(row, "variant", _("There is no variant with this SKU."))
            if run.is_refused(row) or not source:
                continue
            variant, product = variants[_key(row, "variant")]
            wanted = asked.get((product, source))
            if wanted is not None:
                self._give(run, row, wanted, variant)
            elif (product, source) not in stored and (product, source) not in new:
                self.check(run, row, VARIANT_IMAGE, source)
                if run.is_refused(row):
                    continue
                new.add((product, source))
                wish = PictureWish(product_id=product, source=source, place=LAST, variant_id=variant)
                wishes.append((row, VARIANT_IMAGE, wish))
        _note(run, wishes)

    @staticmethod
    def _give(run: PartRun, row: PartRow, wanted: WantedPicture, variant: int) -> None:
        if wanted.variant_id is not None:
            return
        wanted.variant_id = variant
        wanted.save(update_fields=["variant"])
        if wanted.image_id is not None:
            assign_image(image_id=wanted.image_id, variant_id=variant, actor=run.user)
        run.told(row, CHANGED, {VARIANT_IMAGE: ("", wanted.source)})


def _key(row: PartRow, name: str) -> str:
    return str(row.cells.get(name) or "").strip()


def _wanted(products: Any) -> Any:
    """Return the wishes that wait or brought a picture that is still there."""
    stands = Q(state=WantedState.WAITING) | Q(state=WantedState.DONE)
    return WantedPicture.objects.filter(stands, product__in=list(products)).order_by("pk")


def _known(products: Any) -> set[tuple[int, str]]:
    """Return (product, source) of what is there or on its way, under its address and under its path here."""
    asked = set(_wanted(products).values_list("product_id", "source"))
    stored = ProductImage.objects.filter(product__in=list(products)).values_list("product_id", "file")
    return asked | {(product, str(path)) for product, path in stored}


def _note(run: PartRun, wishes: Sequence[tuple[PartRow, str, PictureWish]]) -> None:
    ids = want_pictures(
        wishes=[wish for _row, _column, wish in wishes],
        table_import_id=None if run.is_trial else run.choices.table_import,
        actor=run.user,
    )
    shown: dict[int, dict[str, tuple[Any, Any]]] = {}
    for (row, column, wish), pk in zip(wishes, ids, strict=True):
        shown.setdefault(row.index, {})[column] = ("", wish.source)
        run.keep(row, object_id=pk, created=True, after={"source": wish.source})
        run.told(row, CHANGED, shown[row.index])
