"""BulkResource: what a file may change, what it may not, and that every fault has its row and column."""

import pytest
import tablib
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from catalog.admin.resources import (
    CategoryResource,
    PriceResource,
    ProductResource,
    SalesChannelResource,
    VariantCodeResource,
    VariantResource,
)
from catalog.models import Category, Price, Product, SalesChannel, Variant, VariantCode
from core.resources.choices import Choices
from core.resources.reading import guard, unguard
from customers.admin.resources import CustomerResource
from customers.models import Customer
from inventory.admin.resources import StockItemResource
from inventory.models import StockItem, Warehouse
from staff.admin.resources import UserResource
from staff.models import User

pytestmark = pytest.mark.django_db
DIGITS = "A barcode (GTIN, JAN, EAN, UPC) has 8, 12, 13 or 14 digits."


def load(resource, headers, *rows, **kwargs):
    return resource.import_data(tablib.Dataset(*rows, headers=headers), **kwargs)


def totals(result):
    assert [str(error.error) for error in result.base_errors] == []
    return {kind: count for kind, count in result.totals.items() if count}


def faults(result):
    return [(row.number, row.error_dict) for row in result.invalid_rows]


@pytest.fixture
def channels():
    return [
        SalesChannel.objects.create(code="kr", name="자사몰", kind="own", currency="KRW", country="KR"),
        SalesChannel.objects.create(code="us", name="Shop", kind="shopify", currency="USD", country="US"),
    ]


@pytest.fixture
def products():
    return Product.objects.bulk_create([Product(code="P1", name="코트"), Product(code="P2", name="ブーツ")])


def test_creates_and_updates_in_one_file(products):
    result = load(ProductResource(), ["code", "name", "brand"], ["P2", "ブーツ", "KAN"], ["P3", "Scarf", ""])
    assert totals(result) == {"new": 1, "update": 1}
    assert list(Product.objects.order_by("code").values_list("code", "name", "brand", "status")) == [
        ("P1", "코트", "", "draft"),
        ("P2", "ブーツ", "KAN", "draft"),
        ("P3", "Scarf", "", "draft"),
    ]


@pytest.mark.parametrize(
    ("choices", "cell", "kind", "weight"),
    [
        (Choices(), "", "skip", 300),
        (Choices(), "  ", "skip", 300),
        (Choices(clears_blanks=True), "", "update", None),
        (Choices(), "[clear]", "update", None),
        (Choices(), " [CLEAR] ", "update", None),
        (Choices(), "[지움]", "update", None),
        (Choices(clears_blanks=True), "[消去]", "update", None),
    ],
)
def test_absent_blank_and_cleared_cells_are_three_different_things(products, choices, cell, kind, weight):
    variant = Variant.objects.create(product=products[0], sku="S1", name="Black", barcode="4006381333931", weight_g=300)
    assert totals(load(VariantResource(), ["sku", "weight_g"], ["S1", cell], choices=choices)) == {kind: 1}
    variant.refresh_from_db()
    assert (variant.name, variant.barcode, variant.weight_g) == ("Black", "4006381333931", weight)


def test_blank_and_cleared_cells_of_one_column_are_told_apart_row_by_row(products):
    for number in (1, 2, 3):
        Variant.objects.create(product=products[0], sku=f"S{number}", name="Black", weight_g=300)
    rows = [["S1", "", ""], ["S2", "[clear]", "[clear]"], ["S3", "1", "White"], ["S4", "", ""]]
    result = load(VariantResource(), ["sku", "weight_g", "name", "product"], *[[*row, "P2"] for row in rows])
    assert totals(result) == {"new": 1, "update": 3}
    assert list(Variant.objects.order_by("sku").values_list("sku", "weight_g", "name", "product__code")) == [
        ("S1", 300, "Black", "P2"),
        ("S2", None, "", "P2"),
        ("S3", 1, "White", "P2"),
        ("S4", None, "", "P2"),
    ]


def test_a_blank_required_cell_matters_for_new_rows_only_and_cannot_be_cleared(products):
    rows = [["P1", ""], ["P2", "[clear]"], ["P3", ""]]
    result = load(ProductResource(), ["code", "name"], *rows)
    assert totals(result) == {"skip": 1, "invalid": 2}
    assert faults(result) == [(2, {"name": ["A value is needed here."]}), (3, {"name": ["A value is needed here."]})]
    assert list(Product.objects.order_by("code").values_list("code", "name")) == [("P1", "코트"), ("P2", "ブーツ")]


def test_a_trial_counts_the_values_that_would_be_emptied(products):
    for number, weight in enumerate((300, None, 200)):
        Variant.objects.create(product=products[0], sku=f"S{number}", name="Black", weight_g=weight)
    rows = [[f"S{number}", "", "[clear]"] for number in range(3)]
    result = load(
        VariantResource(), ["sku", "weight_g", "name"], *rows, dry_run=True, choices=Choices(clears_blanks=True)
    )
    assert result.cleared == {"weight_g": 2, "name": 3}
    assert Variant.objects.filter(name="Black").count() == 3


def test_a_text_that_is_the_mark_itself_leaves_and_comes_back_as_that_text(products):
    for number, name in enumerate(("[clear]", "\\[clear]", "[消去]", "[clear] it", "\\")):
        Variant.objects.create(product=products[0], sku=f"S{number}", name=name)
    dataset = VariantResource().export()
    assert [row["name"] for row in dataset.dict][:3] == ["\\[clear]", "\\\\[clear]", "\\[消去]"]
    assert totals(VariantResource().import_data(dataset)) == {"skip": 5}


def test_rows_that_go_one_by_one_know_the_same_three_meanings():
    shoes = Category.objects.create(name="Shoes", position=4)
    assert totals(load(CategoryResource(), ["parent", "name", "position"], ["", "Shoes", ""])) == {"skip": 1}
    assert totals(load(CategoryResource(), ["parent", "name", "position"], ["", "Shoes", "7"])) == {"update": 1}
    shoes.refresh_from_db()
    assert shoes.position == 7


def test_unchanged_rows_write_nothing(products):
    load(VariantResource(), ["sku", "product", "name"], ["S1", "P1", "M"], ["S2", "P1", "L"])
    before = Variant.objects.extra(select={"x": "xmin::text"}).order_by("sku").values_list("sku", "x")
    was = list(before)
    result = load(VariantResource(), ["sku", "product", "name"], ["S1", "P1", "M"], ["S2", "P1", "XL"])
    assert totals(result) == {"skip": 1, "update": 1}
    now = list(before.all())
    assert now[0] == was[0]
    assert now[1] != was[1]


def test_every_fault_is_named_with_row_and_column_and_the_good_rows_go_in(products):
    result = load(
        VariantResource(),
        ["sku", "product", "weight_g", "is_active", "barcode"],
        ["S1", "P1", "1,200", "yes", "4006381333931"],
        ["S2", "P9", "heavy", "maybe", ""],
        ["S1", "P1", "", "", ""],
        ["", "P1", "", "", ""],
        ["S3", "P1", "3.5", "0", ""],
        ["S4", "P1", "", "0", "123456789012345"],
        ["S5", "P1", "", "", "4006381333931"],
    )
    assert totals(result) == {"new": 1, "invalid": 6}
    assert faults(result) == [
        (
            2,
            {
                "product": ["There is no product “P9”."],
                "weight_g": ["“heavy” is not a whole number."],
                "is_active": ["“maybe” is neither yes nor no. Write 1 or 0."],
            },
        ),
        (3, {"sku": ["Row 2 has the same key."]}),
        (4, {"sku": ["A value is needed here."]}),
        (5, {"weight_g": ["“3.5” is not a whole number."]}),
        (6, {"barcode": [f"{DIGITS} Ensure this value has at most 14 characters (it has 15)."]}),
        (7, {"__all__": ["Another variant has this barcode."]}),
    ]
    assert list(Variant.objects.values_list("sku", "weight_g", "is_active", "barcode")) == [
        ("S1", 1200, True, "4006381333931")
    ]


def test_a_missing_key_column_refuses_the_file(products):
    result = load(VariantResource(), ["name"], ["x"])
    assert [str(error.error) for error in result.base_errors] == [
        "The following fields are declared in 'import_id_fields' but are not present in the file headers: sku"
    ]
    assert not Variant.objects.exists()


def test_a_new_row_without_a_required_column_is_refused_and_an_update_is_not(products):
    Variant.objects.create(product=products[0], sku="S1")
    result = load(VariantResource(), ["sku", "name"], ["S1", "M"], ["S2", "L"])
    assert totals(result) == {"update": 1, "invalid": 1}
    assert faults(result) == [(2, {"__all__": ["A new row needs these columns: product."]})]


def test_guarded_columns_are_ignored_and_reported(products):
    result = load(ProductResource(), ["code", "status", "search_text", "colour"], ["P1", "active", "x", "red"])
    assert totals(result) == {"skip": 1}
    assert (result.ignored_columns, result.unknown_columns) == (["status"], ["search_text", "colour"])
    assert Product.objects.get(code="P1").status == "draft"


def test_stock_counters_never_move(products):
    variant = Variant.objects.create(product=products[0], sku="S1")
    item = StockItem.objects.create(
        variant=variant, warehouse=Warehouse.objects.create(code="seoul", name="서울", country="KR")
    )
    result = load(
        StockItemResource(), ["variant", "warehouse", "on_hand", "reserved", "low_at"], ["S1", "seoul", "99", "9", "5"]
    )
    assert totals(result) == {"update": 1}
    assert result.ignored_columns == ["on_hand", "reserved"]
    item.refresh_from_db()
    assert (item.on_hand, item.reserved, item.low_at) == (0, 0, 5)


def test_dry_run_reports_the_same_and_keeps_nothing(products):
    rows = [["P1", "Coat"], ["P9", "New"]]
    result = load(ProductResource(), ["code", "name"], *rows, dry_run=True)
    assert totals(result) == {"new": 1, "update": 1}
    assert [(row.import_type, row.changes[:2]) for row in result.rows] == [
        ("update", [("P1", "P1"), ("코트", "Coat")]),
        ("new", [("", "P9"), ("", "New")]),
    ]
    assert list(Product.objects.order_by("code").values_list("name", flat=True)) == ["코트", "ブーツ"]


def test_money_is_written_in_major_units_of_the_row_s_currency(products, channels):
    Variant.objects.create(product=products[0], sku="S1")
    headers = ["variant", "sales_channel", "starts_at", "currency", "amount", "compare_at"]
    result = load(
        PriceResource(),
        headers,
        ["S1", "kr", "2026-01-01", "KRW", "12,000", ""],
        ["S1", "us", "2026-01-01 09:00", "USD", "12.50", "15"],
        ["S1", "us", "2026-02-01", "USD", "12.505", ""],
        ["S1", "us", "2026-03-01", "USD", "9", "8"],
        ["S1", "us", "2026-04-01", "USD", "9", ""],
    )
    assert totals(result) == {"new": 2, "invalid": 3}
    assert faults(result) == [
        (3, {"amount": ["“12.505” has more decimals than USD knows."]}),
        (4, {"__all__": ["The price before must be higher than the price."]}),
        (5, {"__all__": ["The period overlaps another price of the same variant and channel."]}),
    ]
    assert list(Price.objects.order_by("currency").values_list("currency", "amount", "compare_at")) == [
        ("KRW", 12000, None),
        ("USD", 1250, 1500),
    ]


def test_an_amount_without_its_currency_column_refuses_the_file(products, channels):
    result = load(PriceResource(), ["variant", "sales_channel", "starts_at", "amount"], ["S1", "kr", "2026-01-01", "1"])
    assert ["can only be read together with “currency”" in str(error.error) for error in result.base_errors] == [True]


def test_a_key_may_have_an_empty_part(products, channels):
    variant = Variant.objects.create(product=products[0], sku="S1")
    headers = ["sales_channel", "code", "variant"]
    assert totals(load(VariantCodeResource(), headers, ["", "A", "S1"], ["kr", "A", "S1"])) == {"new": 2}
    assert totals(load(VariantCodeResource(), headers, ["", "A", "S1"], ["kr", "A", "S1"])) == {"skip": 2}
    assert VariantCode.objects.filter(variant=variant).count() == 2


def test_a_check_constraint_names_the_row():
    headers = ["code", "name", "kind", "currency", "country"]
    result = load(SalesChannelResource(), headers, ["a", "A", "own", "KRW", "kr"], ["b", "B", "own", "XXX", "KR"])
    assert faults(result) == [
        (1, {"__all__": ["Write the country as two capital letters, such as KR or JP."]}),
        (2, {"currency": ["Value 'XXX' is not a valid choice."]}),
    ]
    assert not SalesChannel.objects.exists()


def test_a_resource_with_a_hook_of_its_own_goes_row_by_row():
    assert CategoryResource.is_row_by_row()
    assert not ProductResource.is_row_by_row()
    result = load(CategoryResource(), ["parent", "name", "position"], ["", "Women", "1"], ["Women", "Shoes", "2"])
    assert totals(result) == {"new": 2}
    assert Category.objects.get(name="Shoes").parent.name == "Women"
    refused = load(CategoryResource(), ["parent", "name"], ["Men", "Hats"], ["", "Men"])
    assert totals(refused) == {"new": 1, "invalid": 1}
    assert faults(refused) == [(1, {"parent": ["There is no category “Men”."]})]


def test_categories_are_written_as_paths(products):
    women = Category.objects.create(name="Women")
    shoes = Category.objects.create(name="Shoes", parent=women)
    assert totals(load(ProductResource(), ["code", "category"], ["P1", "Women>Shoes"])) == {"update": 1}
    assert Product.objects.get(code="P1").category == shoes
    assert next(iter(ProductResource().export(Product.objects.filter(code="P1"))))[2] == "Women > Shoes"


def test_the_number_of_statements_does_not_grow_with_rows(products):
    def statements(count, start):
        rows = [[f"S{start + n}", "P1", str(n)] for n in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            load(VariantResource(), ["sku", "product", "name"], *rows)
        return len(queries)

    statements(5, 0)
    assert statements(60, 500) == statements(150, 1000)


def test_customers_are_known_by_their_number():
    customer = Customer.objects.create(name="김민준")
    headers = ["id", "name", "country"]
    result = load(
        CustomerResource(), headers, [str(customer.pk), "김민준", "KR"], ["", "山田", "JP"], ["999999", "x", ""]
    )
    assert totals(result) == {"new": 1, "update": 1, "invalid": 1}
    assert faults(result) == [(3, {"id": ["There is no row with this number."]})]
    assert sorted(Customer.objects.values_list("name", "country")) == [("山田", "JP"), ("김민준", "KR")]


def test_personal_columns_are_masked_and_not_imported_without_the_right():
    customer = Customer.objects.create(name="김민준", kana="キムミンジュン", country="KR")
    agent = User.objects.create_user("agent", "agent@example.org")
    dataset = CustomerResource(user=agent).export()
    assert dataset.dict[0] == {
        "id": customer.pk, "name": "김**", "kana": "キ**", "country": "KR", "language": "", "note": "",
    }  # fmt: skip
    result = load(CustomerResource(user=agent), ["id", "name", "country"], [str(customer.pk), "Other", "JP"])
    assert (totals(result), result.ignored_columns) == ({"update": 1}, ["name"])
    customer.refresh_from_db()
    assert (customer.name, customer.country) == ("김민준", "JP")


def test_computed_columns_are_exported_and_masked_too():
    """What only an object can tell leaves row by row; the rules for personal columns are the same."""

    class Told(CustomerResource):
        class Meta:
            model = Customer
            import_id_fields = ["id"]
            fields = ["id", "name", "country"]

        def dehydrate_country(self, customer):
            return f"{customer.country}!"

    customer = Customer.objects.create(name="김민준", country="KR")
    agent = User.objects.create_user("agent", "agent@example.org")
    names = ["id", "name", "country"]
    assert [[Told(user=agent).export().dict[0][name] for name in names]] == [[customer.pk, "김**", "KR!"]]
    assert [[Told().export().dict[0][name] for name in names]] == [[customer.pk, "김민준", "KR!"]]


def test_a_masked_value_is_never_stored():
    customer = Customer.objects.create(name="김민준")
    result = load(CustomerResource(), ["id", "name"], [str(customer.pk), "김**"])
    assert faults(result) == [(1, {"name": ["This value is masked. Leave the column out to keep what is stored."]})]
    customer.refresh_from_db()
    assert customer.name == "김민준"


def test_users_are_exported_without_secrets_and_never_imported():
    User.objects.create_user("minjun", "minjun@example.org", "a long passphrase")
    headers = UserResource().export().headers
    assert "password" not in headers
    assert UserResource.can_import is False


def test_export_then_import_changes_nothing(products, channels):
    for name in ("=1+1", "+82", "-", "@x", "'=already", "\tindented", "말 ' ", "2,5", "ｶﾅ"):
        variant = Variant.objects.create(product=products[0], sku=f"S{name}", name=name)
        Price.objects.create(variant=variant, sales_channel=channels[1], currency="USD", amount=1999)
    for resource in (ProductResource, VariantResource, PriceResource, SalesChannelResource):
        dataset = resource().export()
        result = resource().import_data(dataset)
        assert totals(result) == {"skip": len(dataset)}


@given(st.text(alphabet="'=+-@\t\rab1\n＝", max_size=6))
def test_guarding_against_formulas_is_undone_exactly(text):
    assert unguard(guard(text)) == text
    assert guard(text)[:1] not in {"=", "+", "-", "@", "\t", "\r", "\x00", "＝"}


def test_what_a_file_changes_is_found_at_once(products):
    load(VariantResource(), ["sku", "product", "name", "barcode"], ["COAT-M", "P1", "Ｂｌａｃｋ / M", "4006381333931"])
    load(ProductResource(), ["code", "name", "brand"], ["P1", "울 코트", "KAN"])
    assert Product.objects.get(code="P1").search_text.startswith("p1 울 코트 kan coat-m")
    assert Variant.objects.get(sku="COAT-M").search_text.startswith("coat-m black / m 4006381333931 울 코트")
    load(CustomerResource(), ["id", "name", "kana"], ["", "山田 花子", "ﾔﾏﾀﾞ ﾊﾅｺ"])
    assert Customer.objects.get().search_text == "山田 花子 ヤマダ ハナコ"
