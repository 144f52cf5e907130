"""Other codes of variants out of a file: of channels, makers, suppliers, and synonyms; several with " | " between."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from catalog.importing.columns import CHANNEL_CODE, with_channel
from catalog.importing.known import variants_by_sku
from catalog.models import CodeKind, SalesChannel, Variant, VariantCode
from core.models import TableChange
from core.resources import Part, PartRow, PartRun, settle
from core.resources.choices import CHANGED, is_blank, is_clear_mark

SEPARATOR = "|"
KINDS = {"maker_code": CodeKind.MAKER, "supplier_code": CodeKind.SUPPLIER, "other_code": CodeKind.SYNONYM}
LENGTH = 120


class _Place(NamedTuple):
    """Where a column's codes stand."""

    channel: int | None
    kind: str


class CodesPart(Part):
    """Codes of variants, keyed by SKU; a code that is there stays, a blank cell says nothing, the mark removes all."""

    model = VariantCode

    def __init__(self, channels: Sequence[SalesChannel]) -> None:
        self.places = {name: _Place(None, kind.value) for name, kind in KINDS.items()}
        self.places |= {
            with_channel(CHANNEL_CODE, channel.code): _Place(channel.pk, CodeKind.CHANNEL.value) for channel in channels
        }
        columns = {"sku": "variant", **{name: name for name in self.places}}
        super().__init__("codes", columns=columns, keys=["variant"], label="catalog.codes")

    def apply(self, run: PartRun) -> None:
        """Add the codes that are new; refuse one that stands for another variant."""
        rows = run.good_rows()
        variants = {sku: pk for sku, (pk, _product) in variants_by_sku(_sku(row) for row in rows).items()}
        wanted = {row.index: self._wanted(run, row) for row in rows}
        codes = {code for places in wanted.values() for found in places.values() for code in found}
        taken: dict[tuple[int | None, str], int] = {
            (channel, code): variant
            for channel, code, variant in VariantCode.objects.filter(code__in=codes).values_list(
                "sales_channel_id", "code", "variant_id"
            )
        }
        for row in rows:
            self._refuse_taken(run, row, variants.get(_sku(row)), wanted[row.index], taken)
        self._clear(run, variants)
        self._add(run, variants, wanted, taken)

    def _wanted(self, run: PartRun, row: PartRow) -> dict[str, list[str]]:
        found = {}
        for column in self.places:
            cell = row.cells.get(column)
            if is_blank(cell) or is_clear_mark(cell):
                continue
            codes = list(dict.fromkeys(code.strip() for code in str(cell).split(SEPARATOR) if code.strip()))
            if any(len(code) > LENGTH or "\x00" in code for code in codes):
                run.refuse(row, column, _("A code has at most %(count)s characters.") % {"count": LENGTH})
            found[column] = codes
        return found

    def _refuse_taken(
        self,
        run: PartRun,
        row: PartRow,
        variant: int | None,
        wanted: Mapping[str, Sequence[str]],
        taken: dict[tuple[int | None, str], int],
    ) -> None:
        if variant is None:
            run.refuse(row, "variant", _("There is no variant with this SKU."))
            return
        for column, codes in wanted.items():
            for code in codes:
                key = self.places[column].channel, code
                if taken.get(key, variant) != variant:
                    run.refuse(
                        row, column, _("The code “%(code)s” already stands for another variant.") % {"code": code}
                    )
        if not run.is_refused(row):
            # later rows of the file cannot have them
            for column, codes in wanted.items():
                for code in codes:
                    taken.setdefault((self.places[column].channel, code), variant)

    def _clear(self, run: PartRun, variants: Mapping[str, int]) -> None:
        for row in run.good_rows():
            for column, place in self.places.items():
                if not is_clear_mark(row.cells.get(column)):
                    continue
                rows = list(
                    VariantCode.objects.filter(
                        variant=variants[_sku(row)], sales_channel=place.channel, kind=place.kind
                    )
                )
                for code in rows:
                    before = {
                        "variant": code.variant_id,
                        "channel": place.channel,
                        "kind": place.kind,
                        "code": code.code,
                    }
                    run.keep(row, object_id=code.pk, before=before)
                if rows:
                    VariantCode.objects.filter(pk__in=[code.pk for code in rows]).delete()
                    run.told(row, CHANGED, {column: (" | ".join(code.code for code in rows), "")})

    def _add(
        self,
        run: PartRun,
        variants: Mapping[str, int],
        wanted: Mapping[int, Mapping[str, Sequence[str]]],
        taken: Mapping[tuple[int | None, str], int],
    ) -> None:
        known: set[tuple[int, int | None, str]] = set(
            VariantCode.objects.filter(variant__in=variants.values()).values_list(
                "variant_id", "sales_channel_id", "code"
            )
        )
        new: list[tuple[PartRow, VariantCode]] = []
        for row in run.good_rows():
            variant, shown = variants[_sku(row)], {}
            for column, codes in wanted[row.index].items():
                place = self.places[column]
                fresh = [code for code in codes if (variant, place.channel, code) not in known]
                for code in fresh:
                    known.add((variant, place.channel, code))
                    made = VariantCode(variant_id=variant, sales_channel_id=place.channel, code=code, kind=place.kind)
                    new.append((row, made))
                if fresh:
                    shown[column] = ("", " | ".join(fresh))
            if shown:
                told = run.outcomes.get(row.index)
                run.told(row, CHANGED, {**(told.changes if told else {}), **shown})
        VariantCode.objects.bulk_create([made for _row, made in new], batch_size=5000)
        for row, made in new:
            run.keep(row, object_id=made.pk, created=True, after={"variant": made.variant_id, "code": made.code})

    def undo(self, changes: Sequence[TableChange], user: Any) -> None:
        """Remove codes that were added and still mean the variant; put removed ones back unless they mean another."""
        rows = VariantCode.objects.in_bulk([change.object_id for change in changes if change.created])
        gone = []
        for change in changes:
            if not change.created:
                settle(change, _put_back(change))
                continue
            code = rows.get(change.object_id)
            if code is not None and (code.variant_id, code.code) == (change.after["variant"], change.after["code"]):
                gone.append(code.pk)
                settle(change)
            else:
                settle(change, _("The code means something else by now."))
        VariantCode.objects.filter(pk__in=gone).delete()


def _sku(row: PartRow) -> str:
    return str(row.cells["variant"]).strip()


def _put_back(change: TableChange) -> str:
    """Put a removed code back; return why not, empty when it stands again."""
    told = change.before
    made = VariantCode(
        variant_id=told["variant"], sales_channel_id=told["channel"], kind=told["kind"], code=told["code"]
    )
    is_free = Variant.objects.filter(pk=told["variant"]).exists()
    if is_free and not VariantCode.objects.filter(sales_channel=told["channel"], code=told["code"]).exists():
        made.save(force_insert=True)
        return ""
    return _("The code means something else by now.")
