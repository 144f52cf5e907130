# ruff: noqa: E501 wide letters
"""One flat file into products, texts, variants, options, codes and prices; all of it can be taken back."""

import pytest
import tablib
from django.utils import timezone

from catalog.admin.product_file import ProductFileResource
from catalog.models import (
    Category,
    Listing,
    OptionAxis,
    OptionValue,
    Price,
    Product,
    ProductText,
    Variant,
    VariantCode,
    VariantOption,
)
from catalog.services import set_price
from core.models import TableChange, TableImport
from core.resources import Choices
from core.resources.undoing import undo_table_import
from tests.factories import make_channel, make_user, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_channel(code="shop", currency="JPY", language="ja")


def load(headers, *rows, user=None, **kwargs):
    """Import the rows; ``choices`` and ``dry_run`` as import_data has them."""
    dataset = tablib.Dataset(*rows, headers=headers)
    return ProductFileResource(user=user).import_data(dataset, use_transactions=True, **kwargs)


def kinds(result):
    assert [str(error.error) for error in result.base_errors] == []
    return {kind: count for kind, count in result.totals.items() if count}


def faults(result):
    return {
        row.file_number: {name: " ".join(texts) for name, texts in row.error_dict.items()}
        for row in result.invalid_rows
    }


def counted():
    """Return how many rows each table of the catalogue has."""
    models = (
        Category,
        Product,
        ProductText,
        Variant,
        VariantCode,
        OptionAxis,
        OptionValue,
        VariantOption,
        Price,
        Listing,
    )
    return {model.__name__: model.objects.count() for model in models}


HEADERS = ["code", "name", "brand", "tags", "title_ko", "description_ko", "title[shop]", "sku", "option1_name",
           "option1_value", "option2_name", "option2_value", "barcode", "weight_g", "price[shop]", "compare_at[shop]",
           "cost[shop]", "code[shop]", "maker_code"]  # fmt: skip
TEE = [
    ["tee", "Tee", "KAN", "summer, cotton", "티셔츠", "<p>좋은<script>x</script></p>", "Tシャツ", "tee-r", "Colour", "Red", "Size",
     "M", "4901234567894", "180", "1980", "2400", "900", "R-1", "MK1"],
    ["tee", "", "", "", "", "", "", "tee-b", "Colour", "Blue", "Size", "M", "", "180", "1980", "", "", "", ""],
]  # fmt: skip


def test_new_products_are_drafts_of_whoever_imported_them(shop):
    user = make_user(is_superuser=True)
    assert kinds(load(HEADERS, *TEE, user=user)) == {"new": 2}
    product = Product.objects.get()
    assert (product.status, product.author, product.tags) == ("draft", user, ["summer", "cotton"])
    assert "tee-b" in product.search_text
    assert "티셔츠" in product.search_text
    texts = product.texts.order_by("language").values_list("language", "sales_channel__code", "title", "description")
    assert list(texts) == [("ja", "shop", "Tシャツ", ""), ("ko", None, "티셔츠", "<p>좋은</p>")]
    assert list(product.variants.order_by("sku").values_list("sku", "name", "weight_g", "barcode")) == [
        ("tee-b", "Blue / M", 180, ""), ("tee-r", "Red / M", 180, "4901234567894"),
    ]  # fmt: skip
    assert list(product.axes.values_list("name", "position")) == [("Colour", 1), ("Size", 2)]
    codes = VariantCode.objects.order_by("code").values_list("code", "kind", "sales_channel__code", "variant__sku")
    assert list(codes) == [("MK1", "maker", None, "tee-r"), ("R-1", "channel", "shop", "tee-r")]
    prices = Price.objects.order_by("variant__sku").values_list(
        "variant__sku", "amount", "compare_at", "cost", "currency"
    )
    assert list(prices) == [("tee-b", 1980, None, None, "JPY"), ("tee-r", 1980, 2400, 900, "JPY")]
    assert list(Listing.objects.values_list("product__code", "sales_channel__code", "state")) == [
        ("tee", "shop", "planned")
    ]


def test_importing_twice_changes_nothing(shop):
    load(HEADERS, *TEE)
    before = counted()
    assert kinds(load(HEADERS, *TEE)) == {"skip": 2}
    assert counted() == before


def test_known_skus_update_and_new_ones_create_in_one_file(shop):
    load(HEADERS, *TEE)
    rows = [["tee", "tee-r", "Red", "2080"], ["tee", "tee-g", "Green", "1980"], ["tee", "tee-b", "", ""]]
    result = load(["code", "sku", "option1_value", "price[shop]"], *rows)
    assert faults(result) == {2: {"option1_value": "Say in option1_name what this is a value of."},
                              3: {"option1_value": "Say in option1_name what this is a value of."}}  # fmt: skip
    rows = [
        ["tee", "tee-r", "Colour", "Rose", "2080"],
        ["tee", "tee-g", "Colour", "Green", "1980"],
        ["tee", "tee-b", "", "", ""],
    ]
    assert kinds(load(["code", "sku", "option1_name", "option1_value", "price[shop]"], *rows)) == {
        "new": 1, "update": 1, "skip": 1,
    }  # fmt: skip
    assert set(Variant.objects.values_list("sku", "name")) == {
        ("tee-r", "Rose"),
        ("tee-b", "Blue / M"),
        ("tee-g", "Green"),
    }
    assert Price.objects.get(variant__sku="tee-r", ends_at=None).amount == 2080


def test_a_trial_writes_nothing_and_shows_each_cell(shop):
    before = counted()
    result = load(HEADERS, *TEE, dry_run=True)
    assert (kinds(result), counted()) == ({"new": 2}, before)
    cells = dict(zip(result.diff_headers, result.rows[0].changes, strict=True))
    assert cells["name"] == ("", "Tee")
    assert cells["option1_value"] == ("", "Red")
    assert cells["price[shop]"] == ("", "1980")
    assert cells["description_ko"] == ("", "<p>좋은</p>")


class TestRefused:
    def test_one_sku_twice(self):
        result = load(
            ["code", "name", "sku", "weight_g"], ["a", "A", "S", "1"], ["a", "", "S", "2"], ["b", "B", "T", "3"]
        )
        assert faults(result) == {
            3: {"weight_g": "Row 2 has the same key and says “1” here, this row “2”. Make them agree."}
        }
        assert list(Variant.objects.values_list("sku", "weight_g")) == [("S", 1), ("T", 3)]

    def test_the_sku_of_another_product(self):
        make_variant(sku="S")
        owner = Product.objects.get().code
        result = load(["code", "name", "sku", "weight_g"], ["mine", "Mine", "S", "1"])
        assert faults(result) == {2: {"sku": f"The SKU S belongs to the product {owner}."}}
        assert Product.objects.count() == 1

    def test_two_rows_that_disagree_on_the_name(self):
        result = load(["code", "name", "sku"], ["a", "A", "S"], ["a", "B", "T"])
        assert faults(result) == {
            3: {"name": "Row 2 has the same key and says “A” here, this row “B”. Make them agree."}
        }
        assert list(Variant.objects.values_list("sku", flat=True)) == ["S"]

    def test_prices_that_cannot_be(self, shop):
        headers = ["code", "name", "sku", "price[shop]", "compare_at[shop]", "price_from[shop]", "price_until[shop]"]
        result = load(
            headers,
            ["a", "A", "a", "-1", "", "", ""],
            ["b", "B", "b", "100", "90", "", ""],
            ["c", "C", "c", "100", "", "2030-02-01", "2030-01-01"],
            ["d", "D", "d", "1.5", "", "", ""],
            ["e", "E", "e", "", "100", "", ""],
            ["f", "F", "f", "100", "", "tomorrow", ""],
        )
        assert faults(result) == {
            2: {"price[shop]": "A price cannot be negative."},
            3: {"compare_at[shop]": "The price before must be higher than the price."},
            4: {"price_until[shop]": "The period must end after it starts."},
            5: {"price[shop]": "“1.5” has more decimals than JPY knows."},
            6: {"__all__": "There is no price yet: write an amount."},
            7: {"price_from[shop]": "“tomorrow” is not a date. Write 2026-11-22 or 2026-11-22 18:30."},
        }
        assert set(counted().values()) == {0}

    def test_an_unknown_category_unless_it_is_to_be_made(self):
        rows = ["category", "code", "name", "sku"], ["Women > Shoes", "a", "A", "S"]
        assert list(faults(load(*rows))[2]) == ["category"]
        assert set(counted().values()) == {0}
        assert kinds(load(*rows, choices=Choices(extra={"make_categories": True}))) == {"new": 1}
        assert Category.objects.get(parent__name="Women").name == "Shoes"

    def test_two_variants_with_the_same_options(self):
        headers = ["code", "name", "sku", "option1_name", "option1_value"]
        result = load(headers, ["a", "A", "S", "Size", "M"], ["a", "", "T", "Size", "M"], ["a", "", "U", "Size", "L"])
        assert faults(result) == {3: {"option1_value": "The variant S has the same options."}}
        assert set(Variant.objects.values_list("sku", flat=True)) == {"S", "U"}
        # two that swap their values are no doubles
        assert kinds(load(["sku", "option1_name", "option1_value"], ["S", "Size", "L"], ["U", "Size", "M"])) == {
            "update": 2
        }

    def test_a_fourth_option(self):
        load(["code", "name", "sku", "option1_name", "option1_value", "option2_name", "option2_value", "option3_name",
              "option3_value"], ["a", "A", "S", "1", "x", "2", "x", "3", "x"])  # fmt: skip
        result = load(["sku", "option1_name", "option1_value"], ["S", "4", "x"])
        assert faults(result) == {2: {"__all__": "A product has at most three options."}}

    def test_a_code_of_another_variant_and_a_variant_without_an_sku(self, shop):
        other = make_variant()
        VariantCode.objects.create(variant=other, sales_channel=shop, code="X")
        result = load(["code", "name", "sku", "code[shop]"], ["a", "A", "S", "X"], ["b", "B", "", "Y"])
        assert faults(result)[2] == {"code[shop]": "The code “X” already stands for another variant."}
        assert 3 in faults(result)
        assert Product.objects.count() == 1

    def test_without_the_right_to_set_prices_nothing_goes_in(self, shop):
        user = make_user(permissions=["catalog.change_product", "catalog.add_product", "catalog.add_variant"])
        result = load(["code", "name", "sku", "price[shop]"], ["a", "A", "S", "100"], user=user)
        assert [str(error.error) for error in result.base_errors] == ["You may not set prices."]
        assert set(counted().values()) == {0}


class TestUndo:
    def imported(self, headers, *rows):
        user = make_user(is_superuser=True)
        batch = TableImport.objects.create(model="catalog.product", filename="f.csv", state="done", owner=user)
        result = load(
            headers, *rows, user=user, choices=Choices(table_import=batch.pk, extra={"make_categories": True})
        )
        assert faults(result) == {}
        return batch, user

    def undo(self, batch, user):
        batch = undo_table_import(
            table_import_id=batch.pk, resource=ProductFileResource(user=user), reason="wrong file", actor=user
        )
        left = TableChange.objects.filter(table_import=batch, state="conflict")
        return batch.state, {(change.table, change.note) for change in left}

    def test_everything_new_goes(self, shop):
        before = counted()
        batch, user = self.imported(["category", *HEADERS], *(["Women > Tops", *row] for row in TEE))
        assert counted()["Category"] == 2
        assert self.undo(batch, user) == ("undone", set())
        assert counted() == before

    def test_what_was_changed_is_as_before_and_prices_that_customers_saw_stay_history(self, shop):
        load(HEADERS, *TEE)
        Listing.objects.update(state="live", starts_at=timezone.now())
        batch, user = self.imported(
            ["code", "brand", "title_ko", "sku", "option1_name", "option1_value", "price[shop]", "maker_code"],
            ["tee", "NEW", "반팔", "tee-r", "Colour", "Rose", "2080", "MK2"],
        )
        assert Price.objects.filter(variant__sku="tee-r").count() == 2
        assert self.undo(batch, user) == ("undone", set())
        product = Product.objects.get()
        assert (product.brand, product.texts.get(language="ko").title) == ("KAN", "티셔츠")
        assert Variant.objects.get(sku="tee-r").name == "Red / M"
        assert not OptionValue.objects.filter(name="Rose").exists()
        assert list(
            VariantCode.objects.filter(variant__sku="tee-r").order_by("code").values_list("code", flat=True)
        ) == ["MK1", "R-1"]
        # what customers were asked meanwhile stays; from now on it is the old price again
        assert list(
            Price.objects.filter(variant__sku="tee-r").order_by("starts_at").values_list("amount", flat=True)
        ) == [1980, 2080, 1980]

    def test_what_somebody_changed_since_stays_and_is_told(self, shop):
        batch, user = self.imported(HEADERS, *TEE)
        variant = Variant.objects.get(sku="tee-r")
        set_price(variant_id=variant.pk, sales_channel_id=shop.pk, amount=2500)
        state, conflicts = self.undo(batch, user)
        assert state == "partly_undone"
        assert (f"catalog.price.{shop.pk}", "Another price was set since: look at it yourself.") in conflicts
        assert Variant.objects.filter(sku="tee-r").exists()
        assert not Variant.objects.filter(sku="tee-b").exists()


class TestExport:
    def exported(self, queryset=None, names=None):
        resource = ProductFileResource()
        names = resource.export_names(names)
        rows = list(resource.rows_of(Product.objects.all() if queryset is None else queryset, names))
        return [resource.fields[name].column_name for name in names], rows

    def test_what_goes_out_comes_in_again_and_changes_nothing(self, shop):
        load(["category", *HEADERS], *(["Tops", *row] for row in TEE), choices=Choices(extra={"make_categories": True}))
        load(["code", "name"], ["alone", "Without variants"])
        ProductText.objects.filter(language="ko").update(keywords="[clear]", slug="티")
        before = counted()
        headers, rows = self.exported()
        assert len(rows) == 3
        texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
        assert kinds(load(headers, *texts)) == {"skip": 3}
        assert counted() == before
        assert ProductText.objects.get(language="ko").keywords == "[clear]"

    def test_chosen_columns_and_rows_in_the_order_asked_for(self, shop):
        load(HEADERS, *TEE)
        headers, rows = self.exported(names=["sku", "price[shop]", "option1_value", "code[shop]", "title_ko"])
        assert headers == ["sku", "price[shop]", "option1_value", "code[shop]", "title_ko"]
        assert [[str(cell) for cell in row] for row in rows] == [
            ["tee-r", "1980", "Red", "R-1", "티셔츠"], ["tee-b", "1980", "Blue", "", ""],
        ]  # fmt: skip
        assert self.exported(Product.objects.none())[1] == []

    def test_the_number_of_statements_does_not_grow(self, shop, django_assert_num_queries):
        load(HEADERS, *TEE)
        with django_assert_num_queries(11):
            self.exported()
        rows = [
            [f"p{n}", f"P{n}", "", "", f"상품{n}", "", "", f"s{n}", "Size", "M", "", "", "", "", "100", "", "", "", ""]
            for n in range(40)
        ]
        load(HEADERS, *rows)
        with django_assert_num_queries(11):
            assert len(self.exported()[1]) == 42
