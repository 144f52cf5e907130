"""Papers about money as they were issued: numbered without gaps, never changed, corrected by another one."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from accounting.models.seller import Seller
from accounting.models.tax import TaxClass
from core.models import append_only
from core.money import Currency
from orders.models import Order, Return
from staff.models import Language, User


class DocumentKind(models.TextChoices):
    """What a paper is to the law and to its reader."""

    INVOICE = "invoice", pgettext_lazy("paper", "Invoice")
    SIMPLIFIED = "simplified", pgettext_lazy("paper", "Simplified invoice")
    RETURN_INVOICE = "return_invoice", pgettext_lazy("paper", "Return invoice")
    RECEIPT = "receipt", pgettext_lazy("paper", "Receipt")
    DELIVERY_NOTE = "delivery_note", pgettext_lazy("paper", "Delivery note")
    TAX_INVOICE = "tax_invoice", pgettext_lazy("paper", "Tax invoice (세금계산서)")
    AMENDED_TAX_INVOICE = "amended_tax_invoice", pgettext_lazy("paper", "Amended tax invoice (수정세금계산서)")
    CASH_RECEIPT = "cash_receipt", pgettext_lazy("paper", "Cash receipt (현금영수증)")
    CANCELLED_CASH_RECEIPT = "cancelled_cash_receipt", pgettext_lazy("paper", "Cancelled cash receipt")


_K = DocumentKind
# what takes a paper back, wholly or in part
CORRECTED_BY = {
    _K.INVOICE: _K.RETURN_INVOICE,
    _K.SIMPLIFIED: _K.RETURN_INVOICE,
    _K.TAX_INVOICE: _K.AMENDED_TAX_INVOICE,
    _K.CASH_RECEIPT: _K.CANCELLED_CASH_RECEIPT,
}
CORRECTIONS = frozenset(CORRECTED_BY.values())
# which of them bill what was sold: an order has one of these at a time
BILLING = frozenset(CORRECTED_BY)
LETTERS = {
    _K.INVOICE: "INV",
    _K.SIMPLIFIED: "SI",
    _K.RETURN_INVOICE: "RI",
    _K.RECEIPT: "RC",
    _K.DELIVERY_NOTE: "DN",
    _K.TAX_INVOICE: "TI",
    _K.AMENDED_TAX_INVOICE: "ATI",
    _K.CASH_RECEIPT: "CR",
    _K.CANCELLED_CASH_RECEIPT: "CCR",
}


class DocumentSeries(models.Model):
    """Numbers of one kind, one seller and one year; its row is locked while a number is drawn."""

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="series", verbose_name=_("seller"))
    kind = models.CharField(_("kind"), max_length=24, choices=DocumentKind.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    prefix = models.CharField(_("prefix"), max_length=24)
    next_serial = models.PositiveIntegerField(_("next number"), default=1)

    class Meta:
        verbose_name = _("series of numbers")
        verbose_name_plural = _("series of numbers")
        ordering = ["-year", "seller_id", "kind"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="accounting_series_kind_valid"),
            models.UniqueConstraint(fields=["seller", "kind", "year"], name="accounting_series_once"),
            models.UniqueConstraint(fields=["prefix"], name="accounting_series_prefix"),
        ]

    def __str__(self) -> str:
        return self.prefix


class IssuedFile(models.Model):
    """A PDF as it was issued, in private storage; one file may hold the papers of many orders. Append-only."""

    path = models.CharField(max_length=200, unique=True, editable=False)
    digest = models.CharField(_("digest (SHA-256)"), max_length=64, editable=False)
    size = models.PositiveIntegerField(_("bytes"), editable=False)
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("issued file")
        verbose_name_plural = _("issued files")
        triggers = append_only("accounting_issuedfile")

    def __str__(self) -> str:
        return self.path


class IssuedDocument(models.Model):
    """One paper with its number and all it says; append-only. What is wrong is corrected by another one that cites it.

    Amounts are minor units of ``currency``; those of a correction are negative.
    """

    series = models.ForeignKey(
        DocumentSeries, on_delete=models.PROTECT, related_name="documents", verbose_name=_("series of numbers")
    )
    serial = models.PositiveIntegerField(_("number in its series"))
    number = models.CharField(_("number"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=24, choices=DocumentKind.choices)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="documents", verbose_name=pgettext_lazy("purchase", "order")
    )
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections", verbose_name=_("corrects")
    )
    reissue_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reissues",
        verbose_name=_("issued again for"),
    )  # fmt: skip
    record = models.ForeignKey(
        Return, null=True, blank=True, on_delete=models.PROTECT, related_name="documents",
        verbose_name=pgettext_lazy("goods", "return"),
    )  # fmt: skip
    language = models.CharField(_("language"), max_length=5, choices=Language.choices)
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    gross = models.BigIntegerField(_("total"))
    net = models.BigIntegerField(_("without tax"))
    tax = models.BigIntegerField(_("tax"))
    issued_on = models.DateField(pgettext_lazy("paper", "issued"))
    recipient = models.CharField(_("recipient"), max_length=160, blank=True)
    data = models.JSONField(editable=False)  # all that was printed: lines, rates, seller, recipient
    file = models.ForeignKey(
        IssuedFile, null=True, blank=True, on_delete=models.PROTECT, related_name="documents",
        verbose_name=_("issued file"),
    )  # fmt: skip
    first_page = models.PositiveIntegerField(default=0, editable=False)
    page_count = models.PositiveIntegerField(_("pages"), default=0, editable=False)
    issued_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("issued document")
        verbose_name_plural = _("issued documents")
        ordering = ["-id"]
        permissions = [
            ("issue_invoice", gettext_noop("Can issue and correct invoices")),
            ("issue_receipt", gettext_noop("Can issue receipts and delivery notes")),
            ("download_issueddocument", gettext_noop("Can download issued documents")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["series", "serial"], name="accounting_document_serial"),
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="accounting_document_kind_valid"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="accounting_document_currency"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="accounting_document_language"),
            models.CheckConstraint(condition=Q(gross=F("net") + F("tax")), name="accounting_document_adds_up"),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(CORRECTIONS), corrects__isnull=False, gross__lte=0)
                | (~Q(kind__in=sorted(CORRECTIONS)) & Q(corrects=None)),
                name="accounting_document_cites",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "-id"], name="accounting_document_kind"),
            models.Index(fields=["-issued_on", "-id"], name="accounting_document_day"),
        ]
        triggers = append_only("accounting_issueddocument")

    def __str__(self) -> str:
        return self.number


class DocumentTax(models.Model):
    """What a paper says of one rate: rounded once; append-only."""

    document = models.ForeignKey(
        IssuedDocument, on_delete=models.PROTECT, related_name="taxes", verbose_name=_("issued document")
    )
    tax_class = models.CharField(pgettext_lazy("tax", "class"), max_length=8, choices=TaxClass.choices)
    percent = models.DecimalField(_("percent"), max_digits=6, decimal_places=3)
    gross = models.BigIntegerField(_("with tax"))
    net = models.BigIntegerField(_("without tax"))
    tax = models.BigIntegerField(_("tax"))
    # in the currency of the seller's books, where the paper is in another one
    local_tax = models.BigIntegerField(_("tax in the seller’s currency"), null=True, blank=True)
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("tax of a document")
        verbose_name_plural = _("taxes of documents")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "tax_class", "percent"], name="accounting_documenttax_once"),
            models.CheckConstraint(condition=Q(tax_class__in=TaxClass.values), name="accounting_documenttax_class"),
            models.CheckConstraint(condition=Q(gross=F("net") + F("tax")), name="accounting_documenttax_adds_up"),
        ]
        triggers = append_only("accounting_documenttax")

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} %"


class CashReceiptIdentity(models.Model):
    """Whole number that a cash receipt is for: on the paper it is masked; may be erased, the paper stays."""

    document = models.OneToOneField(
        IssuedDocument, on_delete=models.PROTECT, related_name="identity", verbose_name=_("issued document")
    )
    value = models.CharField(_("number"), max_length=20)

    class Meta:
        verbose_name = _("number of a cash receipt")
        verbose_name_plural = _("numbers of cash receipts")

    def __str__(self) -> str:
        return str(self.document_id)
