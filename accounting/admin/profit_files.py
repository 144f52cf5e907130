"""Profits as tables for other programs: the lines, and the report as a workbook."""

from collections.abc import Sequence
from io import BytesIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.fields import Field
from xlsxwriter import Workbook

from accounting.models import PARTS, LineProfit
from accounting.selectors.profits import ProfitSum
from core.money import minor_digits, to_decimal
from core.resources import BulkResource, MoneyWidget


class ProfitResource(BulkResource):
    """What lines earned, part by part, for whoever reckons on. It goes out only."""

    can_import = False
    order = Field(attribute="order__number", column_name="order")
    sku = Field(attribute="order_line__sku", column_name="sku")
    name = Field(attribute="order_line__name", column_name="name")
    sales_channel = Field(attribute="sales_channel__code", column_name="sales_channel")
    sales = Field(attribute="sales", column_name="sales", widget=MoneyWidget())
    charged = Field(attribute="charged", column_name="charged", widget=MoneyWidget())
    discount = Field(attribute="discount", column_name="discount", widget=MoneyWidget())
    support = Field(attribute="support", column_name="support", widget=MoneyWidget())
    tax = Field(attribute="tax", column_name="tax", widget=MoneyWidget())
    refunded = Field(attribute="refunded", column_name="refunded", widget=MoneyWidget())
    fee = Field(attribute="fee", column_name="fee", widget=MoneyWidget())
    points = Field(attribute="points", column_name="points", widget=MoneyWidget())
    shipping = Field(attribute="shipping", column_name="shipping", widget=MoneyWidget())
    packaging = Field(attribute="packaging", column_name="packaging", widget=MoneyWidget())
    goods_cost = Field(attribute="goods_cost", column_name="goods_cost", widget=MoneyWidget())
    ads = Field(attribute="ads", column_name="ads", widget=MoneyWidget())
    profit = Field(attribute="profit", column_name="profit", widget=MoneyWidget())

    class Meta:
        model = LineProfit
        fields = [
            "order", "sku", "name", "sales_channel", "day", "currency", "quantity", *PARTS, "profit", "is_fee_settled",
            "is_cost_final", "is_cost_known", "is_shipping_known", "is_refund_final", "is_tax_known",
        ]  # fmt: skip
        export_order = fields
        name = gettext_lazy("Profits of order lines")


def profit_workbook(rows: Sequence[tuple[str, ProfitSum]], *, title: str) -> bytes:
    """Return the report as a workbook; amounts are numbers in major units."""
    out = BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    head = [
        _("Name"), _("Currency"), _("Lines"), _("Pieces"), _("Revenue without tax"), _("Fees and points"),
        _("Carriage and packaging"), _("Cost of goods"), _("Advertising"), _("Profit"), _("Margin (%)"),
        _("Lines that are not final"),
    ]  # fmt: skip
    sheet.write_string(0, 0, title)
    for place, words in enumerate(head):
        sheet.write_string(1, place, words)
    for number, (name, one) in enumerate(rows, start=2):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, one.currency)
        sheet.write_number(number, 2, one.lines)
        sheet.write_number(number, 3, one.pieces)
        shape = book.add_format({"num_format": "#,##0" + (".00" if minor_digits(one.currency) else "")})
        amounts = (one.revenue, one.fee, one.sending, one.goods_cost, one.ads, one.profit)
        for place, amount in enumerate(amounts, start=4):
            sheet.write_number(number, place, to_decimal(amount, one.currency), shape)
        if one.margin is not None:
            sheet.write_number(number, 10, one.margin / 10)
        sheet.write_number(number, 11, one.estimates)
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 11, 14)
    book.close()
    return out.getvalue()
