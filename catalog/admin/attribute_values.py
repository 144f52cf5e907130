"""What attributes say of a product: a form by its type, on its page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods

from catalog import policies, services
from catalog.models import Attribute, AttributeKind, AttributeValue, Product, TypeAttribute, Variant
from core.errors import DomainError
from core.files import permission_reader, register_files
from core.ui import Panel, actor, register_panel
from core.ui.sitepages import register_page, render_page

YES_NO = (
    ("", "–"),
    ("yes", pgettext_lazy("attribute", "Yes")),
    ("no", pgettext_lazy("attribute", "No")),
)
SHOWN_SWATCHES = 8  # with the empty one
MAX_ROWS = 100  # variants with a row of their own in the form


@dataclass(frozen=True)
class Line:
    """One attribute of the form: its field, what is stored as a file, and the box that takes the file away."""

    attribute: Attribute
    is_required: bool
    field: Any
    file: str = ""
    removal: Any = None
    swatches: Sequence[tuple[Any, str]] = ()  # radio buttons with their colours
    hidden: str = ""  # what the page was opened with

    @property
    def is_folded(self) -> bool:
        """Tell whether there are so many colours that only the chosen one is shown until one looks for another."""
        return len(self.swatches) > SHOWN_SWATCHES

    @property
    def chosen(self) -> tuple[str, str]:
        """Return name and colour of the chosen swatch."""
        found = ((str(radio.choice_label), colour) for radio, colour in self.swatches if radio.data["selected"])
        return next(found, ("–", ""))


class AttributesForm(forms.Form):
    """One field for each attribute of the product's type, and for each variant one for each attribute of variants.

    Only what was changed on the page is written: what somebody else wrote meanwhile beside it stays.
    """

    def __init__(self, data: Any = None, files: Any = None, *, product: Product) -> None:
        self.asked = list(
            TypeAttribute.objects.filter(product_type=product.product_type_id)
            .select_related("attribute")
            .prefetch_related("attribute__choices")
        )
        self.own = [each for each in self.asked if not each.is_per_variant]
        self.per_variant = [each for each in self.asked if each.is_per_variant]
        self.variants = list(product.variants.order_by("sku")[:MAX_ROWS]) if self.per_variant else []
        self.held: dict[tuple[int, int | None], list[AttributeValue]] = {}
        for row in product.attribute_values.filter(attribute__in=[each.attribute_id for each in self.asked]):
            self.held.setdefault((row.attribute_id, row.variant_id), []).append(row)
        super().__init__(data, files)
        for asked in self.own:
            self._add(asked.attribute, None)
        for variant in self.variants:
            for asked in self.per_variant:
                self._add(asked.attribute, variant)

    def _add(self, attribute: Attribute, variant: Variant | None) -> None:
        name = _name(attribute.pk, variant.pk if variant else None)
        rows = self.held.get((attribute.pk, variant.pk if variant else None), [])
        label = f"{attribute.name} ({attribute.unit})" if attribute.unit else attribute.name
        self.fields[name] = _field(attribute, label)
        if attribute.kind == AttributeKind.FILE:
            self.fields[f"{name}-remove"] = forms.BooleanField(label=_("Remove the file"), required=False)
            return
        self.initial[name] = _initial(attribute, rows)
        self.fields[name].show_hidden_initial = True

    def lines(self) -> list[Line]:
        """Return the attributes of the product itself."""
        return [self._line(asked, None) for asked in self.own]

    def variant_rows(self) -> list[tuple[Variant, list[Line]]]:
        """Return the attributes of each variant."""
        return [(variant, [self._line(asked, variant) for asked in self.per_variant]) for variant in self.variants]

    def _line(self, asked: TypeAttribute, variant: Variant | None) -> Line:
        attribute = asked.attribute
        name = _name(attribute.pk, variant.pk if variant else None)
        rows = self.held.get((attribute.pk, variant.pk if variant else None), [])
        file = str(rows[0].file.name) if rows and rows[0].file else ""
        removal = self[f"{name}-remove"] if file else None
        swatches: list[tuple[Any, str]] = []
        if attribute.kind == AttributeKind.SWATCH:
            colours = {str(choice.pk): choice.colour for choice in attribute.choices.all()}
            swatches = [(radio, colours.get(str(radio.data["value"]), "")) for radio in self[name]]
        field = self[name]
        hidden = field.as_hidden(only_initial=True) if field.field.show_hidden_initial else ""
        return Line(attribute, asked.is_required, field, file, removal, swatches, hidden)

    @property
    def is_complete(self) -> bool:
        """Tell whether everything required is told already."""
        keys: list[tuple[int, int | None]] = [(asked.attribute_id, None) for asked in self.own if asked.is_required]
        keys += [(a.attribute_id, v.pk) for v in self.variants for a in self.per_variant if a.is_required]
        return all(key in self.held for key in keys)

    def changes(self) -> tuple[dict[int, Any], dict[int, dict[int, Any]]]:
        """Return what was changed, as ``set_attributes`` takes it."""
        values: dict[int, Any] = {}
        variant_values: dict[int, dict[int, Any]] = {}
        for variant in [None, *self.variants]:
            target = values if variant is None else variant_values.setdefault(variant.pk, {})
            for asked in self.own if variant is None else self.per_variant:
                name = _name(asked.attribute_id, variant.pk if variant else None)
                if name in self.changed_data:
                    target[asked.attribute_id] = _value(asked.attribute, self.cleaned_data[name])
                elif self.cleaned_data.get(f"{name}-remove"):
                    target[asked.attribute_id] = None
        return values, {pk: each for pk, each in variant_values.items() if each}


def _name(attribute_id: int, variant_id: int | None) -> str:
    return f"a{attribute_id}" if variant_id is None else f"v{variant_id}-{attribute_id}"


def _field(attribute: Attribute, label: str) -> forms.Field:
    make = _FIELDS.get(AttributeKind(attribute.kind))
    if make is not None:
        return make(label=label, required=False)
    choices = [(str(choice.pk), choice.name) for choice in attribute.choices.all()]
    if attribute.kind == AttributeKind.CHOICES:
        return forms.MultipleChoiceField(
            label=label, required=False, choices=choices, widget=forms.CheckboxSelectMultiple
        )
    widget = forms.RadioSelect if attribute.kind == AttributeKind.SWATCH else forms.Select
    return forms.ChoiceField(label=label, required=False, choices=[("", "–"), *choices], widget=widget)


_ACCEPT = "application/pdf,image/png,image/jpeg,image/webp"
_FIELDS: Mapping[str, Callable[..., forms.Field]] = {
    AttributeKind.TEXT: partial(forms.CharField, max_length=1000),
    AttributeKind.RICH_TEXT: lambda **options: forms.CharField(
        max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}), **options
    ),
    AttributeKind.NUMBER: partial(forms.DecimalField, max_digits=18, decimal_places=4),
    AttributeKind.FLAG: partial(forms.ChoiceField, choices=YES_NO),
    AttributeKind.DATE: lambda **options: forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options
    ),
    AttributeKind.FILE: lambda **options: forms.FileField(widget=forms.FileInput(attrs={"accept": _ACCEPT}), **options),
}


def _initial(attribute: Attribute, rows: Sequence[AttributeValue]) -> Any:
    if attribute.kind == AttributeKind.CHOICES:
        return [str(row.choice_id) for row in rows]
    if not rows:
        return ""
    row = rows[0]
    if attribute.kind == AttributeKind.FLAG:
        return {True: "yes", False: "no"}.get(row.flag, "") if row.flag is not None else ""
    if attribute.kind == AttributeKind.NUMBER:
        return f"{row.number:f}".rstrip("0").rstrip(".") if row.number is not None and row.number % 1 else _whole(row)
    return row.day or (str(row.choice_id) if row.choice_id else row.text)


def _whole(row: AttributeValue) -> str:
    return "" if row.number is None else str(int(row.number))


def _value(attribute: Attribute, cleaned: Any) -> Any:
    """Return what the service takes of what the form read."""
    if cleaned in ("", None, []):
        return None
    if attribute.kind == AttributeKind.FLAG:
        return cleaned == "yes"
    if attribute.kind == AttributeKind.CHOICES:
        return [int(pk) for pk in cleaned]
    if attribute.kind in {AttributeKind.CHOICE, AttributeKind.SWATCH}:
        return int(cleaned)
    return cleaned


def product_attributes(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Give the form, or the reason why there is none."""
    return _context(request, product, AttributesForm(product=product) if product.product_type_id else None)


def _context(request: HttpRequest, product: Product, form: AttributesForm | None) -> dict[str, Any]:
    return {
        "product": product,
        "form": form,
        "is_folded": form is None or form.is_complete,
        "gist": pgettext("attributes", "Complete") if form else _("No product type is chosen."),
        "lines": form.lines() if form else [],
        "heads": form.per_variant if form else [],
        "rows": form.variant_rows() if form else [],
        "may_change": policies.can_change_products(actor(request)),
        "url": reverse("admin:catalog_attributes", args=[product.pk]),
    }


@register_page(
    "catalog/product/<int:product_id>/attributes/", name="catalog_attributes", permission="catalog.change_product"
)
@require_http_methods(["GET", "HEAD", "POST"])
def attributes_page(request: HttpRequest, product_id: int) -> HttpResponse:
    """GET shows the form alone; POST writes what was changed and leads back, or shows it again with the reasons."""
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise Http404
    is_post = request.method == "POST"
    form = AttributesForm(*((request.POST, request.FILES) if is_post else ()), product=product)
    back = f"{reverse('admin:catalog_product_change', args=[product.pk])}#panel-attributes"
    if is_post and form.is_valid():
        try:
            count = _write(request, product, form.changes())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The attributes are saved.") if count else _("Nothing was changed."))
            return HttpResponseRedirect(back)
    return render_page(
        request,
        "catalog/pages/attributes.html",
        title=_("Attributes of %(product)s") % {"product": product},
        values=_context(request, product, form),
        back=back,
    )


def _write(request: HttpRequest, product: Product, changes: tuple[dict[int, Any], Mapping[int, Any]]) -> int:
    values, variant_values = changes
    if not values and not variant_values:
        return 0
    return services.set_attributes(
        product_id=product.pk, values=values, variant_values=variant_values, actor=actor(request)
    )


register_panel(
    Product,
    Panel(
        "attributes",
        gettext_lazy("Attributes"),
        "catalog/panels/attributes.html",
        product_attributes,
        position=20,
        wide=True,
    ),
)
register_files("attributes", permission_reader("catalog.view_product"))
