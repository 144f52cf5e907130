"""Files that go to carriers: how they are written, what stood in them, and until when they are kept."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core.money import Currency
from inventory.models import Warehouse
from orders.models import Order
from shipping.models.carrier import Carrier


class FormatKind(models.TextChoices):
    """Who reads such a file."""

    CARRIER = "carrier", pgettext_lazy("file format", "Carrier")
    CHANNEL = "channel", pgettext_lazy("file format", "Sales channel")


class OutFormat(models.Model):
    """A way to write a file, as TOML: columns in their order, and what each of them says."""

    code = models.SlugField(_("code"), max_length=60)
    version = models.CharField(_("version"), max_length=20)
    name = models.CharField(pgettext_lazy("file format", "name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=FormatKind.choices)
    belongs_to = models.CharField(
        _("belongs to"), max_length=40, blank=True, help_text=_("Code of the carrier, or the kind of mall.")
    )
    source = models.TextField(_("definition"), help_text=_("In TOML; see the delivered ones."))
    is_builtin = models.BooleanField(_("delivered"), default=False, editable=False)
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("format of outgoing files")
        verbose_name_plural = _("formats of outgoing files")
        ordering = ["kind", "belongs_to", "code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="shipping_outformat_once"),
            models.CheckConstraint(condition=Q(kind__in=FormatKind.values), name="shipping_outformat_kind_valid"),
        ]

    def __str__(self) -> str:
        return self.name


class Sender(models.Model):
    """Who sends, as labels show it, and under which number the carrier knows them."""

    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.CASCADE, related_name="senders", verbose_name=_("warehouse")
    )
    carrier = models.ForeignKey(
        Carrier, null=True, blank=True, on_delete=models.CASCADE, related_name="senders", verbose_name=_("carrier"),
        help_text=_("Empty: for all carriers without a line of their own."),
    )  # fmt: skip
    name = models.CharField(pgettext_lazy("sender", "name"), max_length=80)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    building = models.CharField(_("building, room"), max_length=100, blank=True)
    customer_code = models.CharField(_("customer number at the carrier"), max_length=40, blank=True)
    freight_code = models.CharField(_("freight number at the carrier"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("sender")
        verbose_name_plural = _("senders")
        ordering = ["warehouse_id", "carrier_id"]
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "carrier"], name="shipping_sender_once", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return self.name


class KeptFile(models.Model):
    """A file that was made once and is kept for a while."""

    number = models.CharField(pgettext_lazy("document", "number"), max_length=20, unique=True)
    format_code = models.CharField(_("format"), max_length=60)
    format_version = models.CharField(_("version"), max_length=20)
    filename = models.CharField(_("file name"), max_length=120)
    row_count = models.PositiveIntegerField(_("rows"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("made by"),
    )  # fmt: skip
    created_at = models.DateTimeField(pgettext_lazy("document", "made"), db_default=Now())
    purged_at = models.DateTimeField(_("file deleted"), null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number


class CarrierFile(KeptFile):
    """What was handed to a carrier in one file; it holds names and addresses, so it goes after its term."""

    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="files", verbose_name=_("carrier"))
    file = models.FileField(_("file"), upload_to="carriers/%Y/%m/", max_length=255, blank=True)
    ship_on = models.DateField(_("leaves on"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("withdrawn by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("carrier file")
        verbose_name_plural = _("carrier files")
        ordering = ["-id"]
        permissions = [("download_carrierfile", gettext_noop("Can download carrier files with addresses"))]
        indexes = [models.Index(fields=["created_at"], condition=~Q(file=""), name="shipping_carrierfile_kept")]

    def __str__(self) -> str:
        return self.number


class SlipKind(models.TextChoices):
    """Who pays the carrier, and whether it collects money at the door."""

    PREPAID = "prepaid", pgettext_lazy("slip", "Prepaid")
    COD = "cod", pgettext_lazy("slip", "Cash on delivery")
    COLLECT = "collect", pgettext_lazy("slip", "Recipient pays the carrier")


class Temperature(models.TextChoices):
    """How warm the parcel may get."""

    NORMAL = "normal", pgettext_lazy("temperature", "Normal")
    CHILLED = "chilled", pgettext_lazy("temperature", "Chilled")
    FROZEN = "frozen", pgettext_lazy("temperature", "Frozen")


class SlipEnd(models.TextChoices):
    """Why a slip is done with."""

    SHIPPED = "shipped", pgettext_lazy("slip", "Shipped")
    CANCELLED = "cancelled", pgettext_lazy("slip", "Order cancelled")
    WITHDRAWN = "withdrawn", pgettext_lazy("slip", "File withdrawn")
    REPLACED = "replaced", pgettext_lazy("slip", "Made again")


class CarrierSlip(models.Model):
    """One order in a carrier file; names and addresses stand in the file alone. An order has one open slip at most."""

    file = models.ForeignKey(CarrierFile, on_delete=models.CASCADE, related_name="slips", verbose_name=_("file"))
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="slips", verbose_name=pgettext_lazy("purchase", "order")
    )
    position = models.PositiveIntegerField(_("row"))
    kind = models.CharField(_("kind"), max_length=10, choices=SlipKind.choices, default=SlipKind.PREPAID)
    temperature = models.CharField(
        _("temperature"), max_length=10, choices=Temperature.choices, default=Temperature.NORMAL
    )
    box_count = models.PositiveSmallIntegerField(_("boxes"), default=1)
    cod_amount = models.BigIntegerField(_("to collect"), default=0)  # minor units of the order's currency
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    end = models.CharField(
        _("because of"), max_length=10, choices=SlipEnd.choices, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = _("slip")
        verbose_name_plural = _("slips")
        ordering = ["file_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["file", "position"], name="shipping_slip_position"),
            models.UniqueConstraint(fields=["order"], condition=Q(closed_at=None), name="shipping_slip_one_open"),
            models.CheckConstraint(condition=Q(kind__in=SlipKind.values), name="shipping_slip_kind_valid"),
            models.CheckConstraint(
                condition=Q(temperature__in=Temperature.values), name="shipping_slip_temperature_valid"
            ),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="shipping_slip_currency_valid"),
            models.CheckConstraint(
                condition=Q(kind=SlipKind.COD, cod_amount__gt=0) | (~Q(kind=SlipKind.COD) & Q(cod_amount=0)),
                name="shipping_slip_cod_has_amount",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, end="") | Q(closed_at__isnull=False, end__in=SlipEnd.values),
                name="shipping_slip_end_told",
            ),
            models.CheckConstraint(condition=Q(box_count__gt=0), name="shipping_slip_has_box"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.position}"
