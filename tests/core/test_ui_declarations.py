"""What an admin class may declare: what would be slow or unsafe is refused, and empty ways are no faults."""

from types import SimpleNamespace

import pytest
from django.contrib.admin import FieldListFilter, SimpleListFilter
from django.test import RequestFactory

from backoffice.site import BackofficeSite
from catalog.models import Category, Price, Product, SalesChannel, Variant, VariantCode
from core.ui import ModelAdmin, columns, service_action
from core.ui.lookups import allowed_lookups
from core.ui.table import Table
from tests.factories import make_channel, make_user, make_variant

NO_ADMIN = type("Unsearchable", (ModelAdmin,), {"search_fields": ()})


def found(model, related=(), **declared):
    """Return (id, first word) of each error of an admin class with these declarations."""
    site = BackofficeSite(name="probe")
    for other, admin_class in related:
        site.register(other, admin_class)
    site.register(model, type("Probe", (ModelAdmin,), declared))
    return [(error.id, error.msg.split()[0]) for error in site.get_model_admin(model).check() if error.id[:4] == "core"]


class TestChecks:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("actions", ["something"]),
            ("actions_detail", ["something"]),
            ("actions_row", ["something"]),
            ("actions_list", ["something"]),
            ("date_hierarchy", "created_at"),
            ("list_sections", ["something"]),
        ],
    )
    def test_stock_features_that_are_replaced_here(self, name, value):
        def something(self, request, *given):
            """Never called."""

        assert found(Product, fields=["code"], something=something, **{name: value}) == [("core.E101", name)]

    def test_a_clean_class_has_no_error(self):
        assert found(Product, fields=["code", "name"], list_display=["code"]) == []

    def test_keys_are_found_in_fieldsets_and_in_pairs(self):
        related = [(Category, NO_ADMIN)]
        grouped = {"fieldsets": [("Goods", {"fields": ["code", ("name", "category")]})]}
        assert found(Product, related, **grouped) == [("core.E102", "category")]
        assert found(Product, related, fields=[("code", "category")]) == [("core.E102", "category")]

    def test_keys_that_the_form_does_not_offer_are_no_error(self):
        related = [(Category, NO_ADMIN)]
        assert found(Product, related, fieldsets=[("Goods", {"fields": ["code"]})]) == []
        assert found(Product, related, readonly_fields=["category"]) == []
        assert found(Product, related, exclude=["category"]) == []

    def test_without_declared_fields_every_key_is_offered(self):
        related = [(SalesChannel, NO_ADMIN), (Variant, type("Few", (NO_ADMIN,), {"few_rows": True}))]
        assert found(Price, related) == [("core.E102", "sales_channel")]

    def test_a_permission_has_one_dot(self):
        def press(self, request, obj, data):
            """Never pressed."""

        good = service_action("Press", permission="catalog.change_product")(press)
        assert found(Product, fields=["code"], press=good) == []
        for permission in ("change_product", "catalog.product.change"):
            bad = service_action("Press", permission=permission)(press)
            assert found(Product, fields=["code"], press=bad) == [("core.E103", "the")]


class TestLookups:
    def allowed(self, *filters, links=()):
        site = BackofficeSite(name="probe")
        site.register(Product, type("Probe", (ModelAdmin,), {"list_filter": list(filters), "filter_lookups": links}))
        return allowed_lookups(site.get_model_admin(Product), RequestFactory().get("/"))

    def test_a_text_is_compared_whole_and_never_letter_by_letter(self):
        assert self.allowed("status") == {"status", "status__exact", "status__in", "status__isnull"}

    def test_a_key_by_its_id(self):
        assert "category__id__exact" in self.allowed("category")
        assert "category__name" not in self.allowed("category")

    def test_a_date_has_two_ends(self):
        allowed = self.allowed(("created_at", FieldListFilter))
        assert {"created_at__gte", "created_at__lt", "created_at_from_0", "created_at_to_1"} <= allowed

    def test_filters_of_ones_own_name_their_parameters(self):
        class Own(SimpleListFilter):
            parameter_name = "own"

        def other():
            """Read parameters of its own."""

        other.parameters = ("from_here", "to_there")
        assert self.allowed(Own, other, links=["product__id__exact"]) == {
            "own",
            "from_here",
            "to_there",
            "product__id__exact",
        }

    def test_a_field_that_does_not_exist_allows_nothing(self):
        assert self.allowed("colour") == set()


class TestColumns:
    def test_a_badge_knows_its_colours(self):
        with pytest.raises(ValueError, match=r"\['pink'\]"):
            columns.badge("status", "Status", colours={"active": "pink"})

    def test_where_the_way_ends_the_cell_is_empty(self):
        row = SimpleNamespace(parent=None, parent_id=None, picture="")
        cells = (
            columns.text("parent.name", "Parent"),
            columns.badge("parent.status", "Status", colours={}),
            columns.moment("parent", "At"),
            columns.number("parent", "Count"),
            columns.country("parent.country", "Country"),
            columns.link("parent.name", "Parent", to="catalog_category", key="parent_id"),
        )
        assert [column(row) for column in cells] == ["", "", "", "", "", ""]
        assert columns.thumbnail("picture")(row) == '<i class="thumb" aria-label="no picture"></i>'

    def test_a_currency_is_a_code_or_a_path(self):
        row = SimpleNamespace(total=1250, order=SimpleNamespace(currency="JPY"))
        assert columns.money("total", "Total", currency="USD")(row) == "$12.50"
        assert columns.money("total", "Total", currency="order.currency")(row) == "¥1,250"
        assert columns.money("total", "Total", currency="order.currency").related == ("order",)


@pytest.mark.django_db
class TestTable:
    def body(self, model, query="", **declared):
        site = BackofficeSite(name="probe")
        site.register(model, type("Probe", (ModelAdmin,), declared))
        request = RequestFactory().get(f"/{query}")
        request.user = make_user(is_superuser=True)
        return str(Table(site.get_model_admin(model).get_changelist_instance(request), selectable=False).body())

    def test_a_row_without_a_page_is_no_link(self):
        make_variant(sku="A<1")
        assert self.body(Variant, list_display=["sku"], list_display_links=None) == '<tr><td data-label="SKU">A&lt;1'

    def test_a_popup_keeps_to_its_own_pages(self):
        variant = make_variant(sku="A1")
        body = self.body(Variant, "?_popup=1", list_display=["sku"])
        assert f'<a href="/admin/catalog/variant/{variant.pk}/change/' in body
        assert body.endswith(">A1</a>")

    def test_numbers_and_flags_are_written_as_django_writes_them(self):
        code = VariantCode.objects.create(variant=make_variant(), code="X")
        make_channel(ship_within_days=1234)
        assert self.body(SalesChannel, list_display=["code", "ship_within_days"]).endswith(">1234")
        assert f">{code.variant}" in self.body(VariantCode, list_display=["code", "variant"])

    def test_a_method_that_finds_no_row_leaves_its_cell_empty(self):
        make_variant(sku="A1")

        def missing(self, row):
            return Category.objects.get(pk=0)

        body = self.body(Variant, list_display=["sku", "missing"], missing=missing)
        assert body.endswith('</a><td data-label="Missing">')

    def test_headers_tell_label_and_class(self):
        site = BackofficeSite(name="probe")
        shown = [columns.number("weight_g", "weight"), "sku"]
        site.register(Variant, type("Probe", (ModelAdmin,), {"list_display": shown}))
        request = RequestFactory().get("/")
        request.user = make_user(is_superuser=True)
        table = Table(site.get_model_admin(Variant).get_changelist_instance(request), selectable=True)
        assert [(header["label"], header["css"]) for header in table.headers()] == [("Weight", "num"), ("SKU", "")]
