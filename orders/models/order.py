"""Orders, their lines, and what is allocated to them."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from catalog.models import SalesChannel, Variant
from compliance.models import Jurisdiction
from core.money import Currency
from core.search import search_indexes
from core.states import Transitions
from customers.models import Customer
from inventory.models import Reservation


class OrderStatus(models.TextChoices):
    """Where an order is; each is a tab of the order list."""

    NEW = "new", pgettext_lazy("order", "New (to check)")
    AWAITING_PAYMENT = "awaiting_payment", pgettext_lazy("order", "Waiting for payment")
    TO_CONFIRM = "to_confirm", pgettext_lazy("order", "To confirm")
    AWAITING_STOCK = "awaiting_stock", pgettext_lazy("order", "Waiting for stock")
    TO_SHIP = "to_ship", pgettext_lazy("order", "To ship")
    PARTLY_SHIPPED = "partly_shipped", pgettext_lazy("order", "Partly shipped")
    SHIPPED = "shipped", pgettext_lazy("order", "Shipped")
    CANCELLED = "cancelled", pgettext_lazy("order", "Cancelled")


_S = OrderStatus
ORDER_TRANSITIONS = Transitions(
    {
        _S.NEW: {_S.TO_CONFIRM, _S.AWAITING_PAYMENT, _S.CANCELLED},
        _S.AWAITING_PAYMENT: {_S.TO_CONFIRM, _S.CANCELLED},
        _S.TO_CONFIRM: {_S.TO_SHIP, _S.AWAITING_STOCK, _S.AWAITING_PAYMENT, _S.CANCELLED},
        _S.AWAITING_STOCK: {_S.TO_SHIP, _S.CANCELLED},
        _S.TO_SHIP: {_S.PARTLY_SHIPPED, _S.SHIPPED, _S.CANCELLED},
        _S.PARTLY_SHIPPED: {_S.SHIPPED},
    }
)
# what staff may correct by hand, and a channel may tell anew
BUYER_FIELDS = ("buyer_name", "buyer_email", "buyer_phone")
ADDRESS_FIELDS = (
    "recipient_name",
    "recipient_kana",
    "recipient_phone",
    "postcode",
    "region",
    "city",
    "address_1",
    "address_2",
    "country",
    "customs_code",
)
OPEN_STATUSES = [_S.NEW, _S.AWAITING_PAYMENT, _S.TO_CONFIRM, _S.AWAITING_STOCK, _S.TO_SHIP, _S.PARTLY_SHIPPED]
# the conditions of the partial indexes that count the work queues: a queue asks with exactly these words
TO_CHECK = Q(status=_S.NEW) | Q(is_held=True)
UNHELD = Q(is_held=False, status__in=OPEN_STATUSES)


class WaitReason(models.TextChoices):
    """What the day was taken from before which an order does not leave."""

    RELEASE = "release", pgettext_lazy("order", "Release date")
    DELIVERY = "delivery", pgettext_lazy("order", "Wished delivery date")


class OrderSource(models.TextChoices):
    """How an order came to us."""

    CHANNEL = "channel", pgettext_lazy("order source", "Sales channel")
    MANUAL = "manual", pgettext_lazy("order source", "Written by hand (phone)")
    REPLACEMENT = "replacement", pgettext_lazy("order source", "Replacement")


class OrderQuerySet(models.QuerySet["Order"]):
    """Vocabulary of orders; each open order that is not partly shipped is in exactly one of the queues."""

    def open(self) -> "OrderQuerySet":
        """Orders that still need work."""
        return self.filter(status__in=OPEN_STATUSES)

    def late(self) -> "OrderQuerySet":
        """Open orders whose promised shipping time has passed."""
        return self.open().filter(ship_by__lt=timezone.now())

    def to_check(self) -> "OrderQuerySet":
        """New orders that a person has to look at, and all that are held."""
        return self.filter(TO_CHECK)

    def going_on(self, status: str) -> "OrderQuerySet":
        """Open orders in this status that nothing holds."""
        return self.filter(UNHELD, status=status)

    def awaiting_stock(self, today: date) -> "OrderQuerySet":
        """Unheld orders that need pieces now: those that may not leave before their release are not among them."""
        return self.going_on(OrderStatus.AWAITING_STOCK).exclude(wait_reason=WaitReason.RELEASE, not_before__gt=today)

    def awaiting_release(self, today: date) -> "OrderQuerySet":
        """Confirmed, unheld orders with goods that are not released yet."""
        waiting = [OrderStatus.AWAITING_STOCK, OrderStatus.TO_SHIP]
        return self.filter(UNHELD, status__in=waiting, wait_reason=WaitReason.RELEASE, not_before__gt=today)

    def awaiting_delivery_date(self, today: date) -> "OrderQuerySet":
        """Unheld orders to ship that would arrive before the day the customer wished."""
        return self.going_on(OrderStatus.TO_SHIP).filter(wait_reason=WaitReason.DELIVERY, not_before__gt=today)

    def ready_to_pick(self, today: date) -> "OrderQuerySet":
        """Orders whose pieces are reserved and may leave today (in the shop's day)."""
        return self.going_on(OrderStatus.TO_SHIP).filter(Q(not_before=None) | Q(not_before__lte=today))


class Order(models.Model):
    """What one buyer ordered on one channel, in one currency, to one address."""

    number = models.CharField(_("order number"), max_length=20, unique=True)
    sales_channel = models.ForeignKey(
        SalesChannel, on_delete=models.PROTECT, related_name="orders", verbose_name=_("sales channel")
    )
    external_number = models.CharField(_("channel's order number"), max_length=80, blank=True)
    source = models.CharField(
        pgettext_lazy("order", "source"), max_length=12, choices=OrderSource.choices,
        default=OrderSource.CHANNEL, db_default=OrderSource.CHANNEL, editable=False,
    )  # fmt: skip
    original = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="replacements",
        verbose_name=_("replaces goods of"), db_index=False,
    )  # fmt: skip
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="orders", verbose_name=_("customer")
    )
    status = models.CharField(
        _("status"), max_length=20, choices=OrderStatus.choices, default=OrderStatus.NEW, editable=False
    )
    to_check = models.CharField(
        _("to check"), max_length=200, blank=True, editable=False
    )  # codes of orders.services.intake.checking, comma-separated
    placed_at = models.DateTimeField(_("ordered"))
    ship_by = models.DateTimeField(_("ship by"), null=True, blank=True)
    # what was decided when not everything was there
    promised_on = models.DateField(_("newly promised for"), null=True, blank=True, editable=False)
    ships_in_parts = models.BooleanField(_("ships in parts"), default=False, db_default=False, editable=False)
    # what the customer wished, as the channel tells it
    delivery_on = models.DateField(_("wished delivery date"), null=True, blank=True)
    delivery_slot = models.CharField(_("wished time of day"), max_length=40, blank=True, default="", db_default="")
    # kept by triage: see OrderHold, and orders.services.triage
    is_held = models.BooleanField(_("held"), default=False, db_default=False, editable=False)
    not_before = models.DateField(_("leaves not before"), null=True, blank=True, editable=False)
    wait_reason = models.CharField(
        _("because of"),
        max_length=10,
        choices=WaitReason.choices,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    # minor units; lines are the truth, these four are refreshed with them under the order's lock
    goods_total = models.BigIntegerField(_("goods"), default=0, editable=False)
    extras_total = models.BigIntegerField(_("shipping and fees"), default=0, editable=False)
    total = models.BigIntegerField(_("total"), default=0, editable=False)
    paid_total = models.BigIntegerField(pgettext_lazy("money", "paid"), default=0, editable=False)
    line_count = models.PositiveIntegerField(_("lines"), default=0, editable=False)
    payment_method = models.CharField(_("payment method"), max_length=80, blank=True)
    is_prepaid = models.BooleanField(_("must be paid before shipping"), default=True)
    buyer_name = models.CharField(_("buyer"), max_length=120, blank=True)
    buyer_email = models.CharField(_("e-mail"), max_length=254, blank=True)
    buyer_phone = models.CharField(pgettext_lazy("identity", "Phone"), max_length=40, blank=True)
    recipient_name = models.CharField(_("recipient"), max_length=120, blank=True)
    recipient_kana = models.CharField(_("reading (kana)"), max_length=120, blank=True)
    recipient_phone = models.CharField(_("recipient's phone"), max_length=40, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    region = models.CharField(_("state or prefecture"), max_length=80, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    address_1 = models.CharField(_("address"), max_length=255, blank=True)
    address_2 = models.CharField(_("building, room"), max_length=255, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    # whose law holds, by the country of delivery when it was placed; empty: none that we know of
    jurisdiction = models.CharField(
        _("jurisdiction"), max_length=2, choices=Jurisdiction.choices, blank=True, default="", db_default="",
        editable=False,
    )  # fmt: skip
    customs_code = models.CharField(
        _("personal customs code"), max_length=20, blank=True, default="", db_default=""
    )  # 개인통관고유부호 of the recipient: Korea asks for it on parcels from abroad
    customer_note = models.TextField(_("customer's note"), blank=True)
    staff_note = models.TextField(_("staff note"), blank=True)
    search_text = models.TextField(
        editable=False, default=""
    )  # numbers, buyer, recipient, kana, e-mail, folded; kept by services
    # what the channel last said of the fields that staff may correct: a field that differs from it was edited here
    channel_values = models.JSONField(default=dict, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True, editable=False)
    shipped_at = models.DateTimeField(pgettext_lazy("moment", "shipped"), null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(pgettext_lazy("moment", "cancelled"), null=True, blank=True, editable=False)
    cancel_reason = models.CharField(_("reason of the cancellation"), max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(_("arrived"), db_default=Now())
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("purchase", "order")
        verbose_name_plural = pgettext_lazy("purchase", "orders")
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="orders_order_status_valid"),
            models.CheckConstraint(condition=Q(currency__in=Currency.values), name="orders_order_currency_valid"),
            models.UniqueConstraint(
                fields=["sales_channel", "external_number"],
                condition=~Q(external_number=""),
                name="orders_order_external_number",
            ),
            models.CheckConstraint(condition=Q(source__in=OrderSource.values), name="orders_order_source_valid"),
            models.CheckConstraint(
                condition=~Q(source=OrderSource.REPLACEMENT) | Q(original__isnull=False),
                name="orders_order_replaces_one",
            ),
            models.CheckConstraint(
                condition=Q(jurisdiction__in=["", *Jurisdiction.values]), name="orders_order_jurisdiction_valid"
            ),
            models.CheckConstraint(
                condition=Q(total=F("goods_total") + F("extras_total")), name="orders_order_total_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(wait_reason="", not_before=None)
                | Q(wait_reason__in=WaitReason.values, not_before__isnull=False),
                name="orders_order_wait_has_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-placed_at", "-id"],
                include=["sales_channel", "currency", "total", "status"],  # sales by day read nothing else
                name="orders_order_placed",
            ),
            models.Index(fields=["status", "-placed_at", "-id"], name="orders_order_status"),
            models.Index(fields=["sales_channel", "-placed_at", "-id"], name="orders_order_channel"),
            models.Index(fields=["customer", "-placed_at", "-id"], name="orders_order_customer"),
            models.Index(fields=["-total", "-id"], name="orders_order_total"),
            models.Index(
                fields=["ship_by", "id"], condition=Q(status__in=OPEN_STATUSES), name="orders_order_open_ship_by"
            ),
            models.Index(fields=["external_number"], name="orders_order_external"),
            models.Index(fields=["original"], condition=Q(original__isnull=False), name="orders_order_original"),
            models.Index(
                fields=["placed_at", "id"],
                condition=Q(ships_in_parts=True, status__in=["to_ship", "partly_shipped"]),
                name="orders_order_in_parts",
            ),
            models.Index(fields=["-placed_at", "-id"], condition=TO_CHECK, name="orders_order_to_check"),
            models.Index(fields=["status", "not_before", "wait_reason"], condition=UNHELD, name="orders_order_queue"),
            *search_indexes("orders_search"),
        ]
        permissions = [
            ("confirm_order", gettext_noop("Can confirm orders and allocate stock")),
            ("ship_order", gettext_noop("Can ship orders")),
            ("cancel_order", gettext_noop("Can cancel orders")),
            ("record_payment", gettext_noop("Can record payments and refunds")),
            ("record_return", gettext_noop("Can record returns")),
            ("record_delivery", gettext_noop("Can record when parcels were received")),
            ("override_price", gettext_noop("Can sell at another price than the price list’s")),
        ]

    def __str__(self) -> str:
        return self.number


class LineKind(models.TextChoices):
    """What an order line stands for."""

    PRODUCT = "product", pgettext_lazy("order line", "Product")
    SHIPPING = "shipping", pgettext_lazy("order line", "Shipping")
    FEE = "fee", pgettext_lazy("order line", "Fee")
    DISCOUNT = "discount", pgettext_lazy("order line", "Discount")
    GIFT = "gift", pgettext_lazy("order line", "Gift option or card")


class OrderLine(models.Model):
    """One position of an order; prices are copied here and stay as they were."""

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines", verbose_name=pgettext_lazy("purchase", "order")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=LineKind.choices, default=LineKind.PRODUCT)
    external_id = models.CharField(_("channel's line number"), max_length=80, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    variant = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.PROTECT, related_name="order_lines", verbose_name=_("variant")
    )
    sku = models.CharField("SKU", max_length=120, blank=True)  # as the channel wrote it
    name = models.CharField(pgettext_lazy("goods", "name"), max_length=300)
    options = models.CharField(_("options"), max_length=300, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = models.DecimalField(
        _("unit price"), max_digits=14, decimal_places=4
    )  # major units: some sources have fractions
    total = models.BigIntegerField(_("total"))  # minor units, after the line's discount
    # where somebody sold at another price than the price list's: that one in minor units, and why
    list_price = models.BigIntegerField(_("price of the price list"), null=True, blank=True, editable=False)
    price_reason = models.CharField(
        _("why another price"), max_length=200, blank=True, default="", db_default="", editable=False
    )
    # what the channel told of a line that was changed here: [quantity, unit price, total, SKU, kind]
    told = models.JSONField(null=True, blank=True, editable=False)
    shipped_count = models.PositiveIntegerField(_("shipped"), default=0, editable=False)
    cancelled_count = models.PositiveIntegerField(_("cancelled"), default=0, editable=False)
    returned_count = models.PositiveIntegerField(_("returned"), default=0, editable=False)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LineKind.values), name="orders_line_kind_valid"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("shipped_count") + F("cancelled_count")),
                name="orders_line_not_over_shipped",
            ),
            models.CheckConstraint(
                condition=Q(shipped_count__gte=F("returned_count")), name="orders_line_not_over_returned"
            ),
            models.UniqueConstraint(
                fields=["order", "external_id"], condition=~Q(external_id=""), name="orders_line_external_id"
            ),
        ]
        indexes = [models.Index(fields=["variant", "-id"], name="orders_line_variant")]

    def __str__(self) -> str:
        return f"{self.name} × {self.quantity}"

    @property
    def open_count(self) -> int:
        """Pieces neither shipped nor cancelled."""
        return self.quantity - self.shipped_count - self.cancelled_count


class Allocation(models.Model):
    """Ties an order line to the pieces that inventory holds for it (the upper app owns the link)."""

    line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("order line")
    )
    reservation = models.OneToOneField(
        Reservation, on_delete=models.PROTECT, related_name="allocation", verbose_name=_("reservation")
    )

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")

    def __str__(self) -> str:
        return str(self.reservation_id)
