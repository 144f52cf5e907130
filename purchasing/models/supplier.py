"""From whom goods are bought, and on which terms."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import Variant
from core.money import Currency, format_money


class Supplier(models.Model):
    """A company that goods are bought from."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=160)
    country = models.CharField(_("country"), max_length=2)
    registration_number = models.CharField(
        _("registration number"),
        max_length=20,
        blank=True,
        help_text=_("Korea: ten digits. Japan: corporate number (13 digits) or T with 13 digits."),
    )  # checked by purchasing.registration for KR and JP
    language = models.CharField(_("language"), max_length=5, default="en")  # of purchase orders
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    email = models.EmailField(_("e-mail for orders"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    contact_name = models.CharField(_("contact"), max_length=80, blank=True)
    address = models.TextField(_("address"), blank=True)
    payment_days = models.PositiveSmallIntegerField(_("payment due (days)"), default=30)
    lead_days = models.PositiveSmallIntegerField(_("agreed lead time (days)"), default=7)
    minimum_amount = models.BigIntegerField(_("minimum order"), default=0)  # minor units of currency
    may_order_automatically = models.BooleanField(
        _("ordered from automatically"), default=False,
        help_text=_("Proposals become purchase orders and are sent without anybody pressing a button."),
    )  # fmt: skip
    note = models.TextField(_("note"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")
        ordering = ["name", "id"]
        permissions = [("view_costs", gettext_noop("Can see what goods cost"))]
        constraints = [
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="purchasing_supplier_currency"),
            models.CheckConstraint(condition=Q(minimum_amount__gte=0), name="purchasing_supplier_minimum_valid"),
            models.UniqueConstraint(
                fields=["country", "registration_number"], condition=~Q(registration_number=""),
                name="purchasing_supplier_registered_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class SupplierItem(models.Model):
    """One variant as a supplier sells it: their code, pack, minimum, lead time; prices are its breaks."""

    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="items", verbose_name=_("supplier"))
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="supplier_items", verbose_name=_("variant")
    )
    code = models.CharField(_("supplier's code"), max_length=80, blank=True)
    name = models.CharField(_("supplier's name"), max_length=200, blank=True)
    pack_size = models.PositiveIntegerField(_("pieces per pack"), default=1)
    minimum = models.PositiveIntegerField(_("minimum pieces"), default=1)
    lead_days = models.PositiveSmallIntegerField(
        _("lead time (days)"), null=True, blank=True, help_text=_("Empty: the supplier's.")
    )
    shelf_life_days = models.PositiveSmallIntegerField(_("shelf life at receipt (days)"), null=True, blank=True)
    is_preferred = models.BooleanField(_("preferred"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("supplier's item")
        verbose_name_plural = _("suppliers' items")
        ordering = ["supplier_id", "variant_id"]
        constraints = [
            models.UniqueConstraint(fields=["supplier", "variant"], name="purchasing_supplieritem_once"),
            models.UniqueConstraint(
                fields=["variant"], condition=Q(is_preferred=True), name="purchasing_supplieritem_one_preferred"
            ),
            models.CheckConstraint(
                condition=Q(pack_size__gte=1, minimum__gte=1), name="purchasing_supplieritem_pack_valid"
            ),
        ]
        indexes = [models.Index(fields=["supplier", "code"], name="purchasing_supplieritem_code")]

    def __str__(self) -> str:
        return f"{self.supplier}: {self.variant}"


class PriceBreak(models.Model):
    """What one piece costs from so many pieces on, from a day on, in the supplier's currency."""

    item = models.ForeignKey(
        SupplierItem, on_delete=models.CASCADE, related_name="prices", verbose_name=_("supplier's item")
    )
    from_quantity = models.PositiveIntegerField(_("from pieces"), default=1)
    starts_on = models.DateField(_("from"))
    price = models.BigIntegerField(_("price"))  # minor units of the supplier's currency, for one piece

    class Meta:
        verbose_name = _("price break")
        verbose_name_plural = _("price breaks")
        ordering = ["item_id", "-starts_on", "from_quantity"]
        constraints = [
            models.UniqueConstraint(fields=["item", "from_quantity", "starts_on"], name="purchasing_pricebreak_once"),
            models.CheckConstraint(condition=Q(from_quantity__gte=1, price__gte=0), name="purchasing_pricebreak_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.from_quantity}+ {format_money(self.price, self.item.supplier.currency)}"


class ExchangeRate(models.Model):
    """What one unit of a foreign currency is worth in the shop's currency (settings.SHOP_CURRENCY) from a day on."""

    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    starts_on = models.DateField(_("from"))
    rate = models.DecimalField(pgettext_lazy("currency", "rate"), max_digits=18, decimal_places=8)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["currency", "-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "starts_on"], name="purchasing_exchangerate_once"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="purchasing_exchangerate_currency"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="purchasing_exchangerate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rate}"
