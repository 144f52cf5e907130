"""Orders, parcels, money, and what comes back."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.entries.base import Entry, Group

ORDERS = Group(
    "orders",
    pgettext_lazy("navigation", "Orders"),
    (
        Entry(
            pgettext_lazy("navigation", "Orders"),
            "receipt_long",
            "orders_order_changelist",
            "orders.view_order",
            "orders_to_ship",
        ),
        Entry(_("Write an order"), "add_call", "orders_write", "customers.see_contact_data"),
        Entry(_("Hold rules"), "pause_circle", "orders_holdrule_changelist", "orders.view_holdrule", is_setting=True),
        Entry(
            _("Oversells"),
            "production_quantity_limits",
            "orders_oversell_changelist",
            "orders.view_oversell",
            "oversold",
        ),
        Entry(
            _("Messages to customers"),
            "outgoing_mail",
            "orders_ordermessage_changelist",
            "orders.view_ordermessage",
        ),
        Entry(
            _("Legal deadlines"),
            "alarm",
            "compliance_legalclock_changelist",
            "compliance.view_legalclock",
            "late_law",
        ),
        Entry(
            _("Handling of channels"),
            "rule_settings",
            "orders_channelhandling_changelist",
            "orders.view_channelhandling",
            is_setting=True,
        ),
        Entry(
            _("Penalties of malls"),
            "gavel",
            "orders_cancelpenalty_changelist",
            "orders.view_cancelpenalty",
            is_setting=True,
        ),
    ),
)
SHIPPING = Group(
    "shipping",
    pgettext_lazy("navigation", "Shipping"),
    (
        Entry(_("Packing"), "package_2", "orders_packing", "orders.ship_order"),
        Entry(_("Combine orders"), "merge", "orders_combining", "orders.plan_parcel"),
        Entry(_("Rules of parcels"), "rule", "orders_parcelrule_changelist", "orders.view_parcelrule", is_setting=True),
        Entry(pgettext_lazy("picking", "Waves"), "waves", "shipping_wave_changelist", "shipping.view_wave"),
        Entry(_("Packing table"), "barcode_scanner", "shipping_pack", "orders.ship_order"),
        Entry(_("Shipments"), "local_shipping", "orders_shipment_changelist", "orders.view_shipment"),
        Entry(_("Scans"), "fact_check", "shipping_packingcheck_changelist", "shipping.view_packingcheck"),
        Entry(_("Due today"), "event_upcoming", "shipping_due", "orders.view_order"),
        Entry(_("Carrier files"), "description", "shipping_carrierfile_changelist", "shipping.view_carrierfile"),
        Entry(
            _("Channels to tell"),
            "campaign",
            "shipping_channelnotice_changelist",
            "shipping.view_channelnotice",
            "notices",
        ),
        Entry(
            _("Parcels to look after"),
            "report",
            "shipping_parcelalert_changelist",
            "shipping.view_parcelalert",
            "parcel_alerts",
        ),
        Entry(
            _("Carriers"),
            "delivery_truck_speed",
            "shipping_carrier_changelist",
            "shipping.view_carrier",
            is_setting=True,
        ),
        Entry(
            _("Default carriers"),
            "alt_route",
            "shipping_carrierrule_changelist",
            "shipping.view_carrierrule",
            is_setting=True,
        ),
        Entry(
            _("Remote zones"),
            "sailing",
            "addresses_remotezone_changelist",
            "addresses.view_remotezone",
            is_setting=True,
        ),
        Entry(
            _("Postcodes"),
            "markunread_mailbox",
            "addresses_postcode_changelist",
            "addresses.view_postcode",
            is_setting=True,
        ),
        Entry(_("Senders"), "contact_mail", "shipping_sender_changelist", "shipping.change_sender", is_setting=True),
        Entry(
            _("Carriers’ tariffs"),
            "price_change",
            "shipping_carriertariff_changelist",
            "shipping.view_carriertariff",
            is_setting=True,
        ),
        Entry(
            _("Cut-offs"),
            "timer",
            "shipping_channelcutoff_changelist",
            "shipping.change_channelcutoff",
            is_setting=True,
        ),
        Entry(
            _("Outgoing formats"),
            "table_view",
            "shipping_outformat_changelist",
            "shipping.change_outformat",
            is_setting=True,
        ),
    ),
)
MONEY = Group(
    "money",
    pgettext_lazy("navigation", "Money"),
    (
        Entry(_("Payments"), "payments", "orders_payment_changelist", "orders.view_payment"),
        Entry(
            pgettext_lazy("navigation", "Refunds"),
            "currency_exchange",
            "payments_refund_changelist",
            "payments.view_refund",
            "refunds_to_send",
        ),
        Entry(
            _("Authorisations"),
            "credit_score",
            "payments_providerpayment_changelist",
            "payments.view_providerpayment",
            "authorisations_end",
        ),
        Entry(
            _("Questions to providers"),
            "contact_support",
            "payments_providercall_changelist",
            "payments.view_providercall",
        ),
        Entry(
            _("Payment methods"),
            "account_balance_wallet",
            "payments_paymentmethod_changelist",
            "payments.view_paymentmethod",
            is_setting=True,
        ),
        Entry(
            _("Bank deposits"),
            "account_balance",
            "payments_bankdeposit_changelist",
            "payments.view_bankdeposit",
            "deposits",
        ),
        Entry(
            _("Rules for deposits"),
            "rule",
            "payments_depositrule_changelist",
            "payments.view_depositrule",
            is_setting=True,
        ),
        Entry(
            _("Refund limits"), "tune", "payments_refundlimit_changelist", "payments.view_refundlimit", is_setting=True
        ),
        Entry(
            _("Issued documents"),
            "request_quote",
            "accounting_issueddocument_changelist",
            "accounting.view_issueddocument",
        ),
        Entry(
            _("Settlements"),
            "handshake",
            "accounting_settlement_changelist",
            "accounting.view_settlement",
        ),
        Entry(
            _("Differences in settlements"),
            "difference",
            "accounting_settlementdifference_changelist",
            "accounting.view_settlementdifference",
            "settlement_differences",
        ),
        Entry(_("Profit"), "finance", "accounting_profit", "accounting.view_lineprofit"),
        Entry(_("Profit by line"), "finance_mode", "accounting_lineprofit_changelist", "accounting.view_lineprofit"),
        Entry(_("Fee rules"), "percent", "accounting_feerule_changelist", "accounting.view_feerule", is_setting=True),
        Entry(
            _("Terms of channels"),
            "contract",
            "accounting_channelterms_changelist",
            "accounting.view_channelterms",
            is_setting=True,
        ),
        Entry(_("Costs of advertising"), "campaign", "accounting_adcost_changelist", "accounting.view_adcost"),
        Entry(_("Sellers"), "storefront", "accounting_seller_changelist", "accounting.view_seller", is_setting=True),
        Entry(
            _("Sellers of channels"),
            "account_tree",
            "accounting_channelseller_changelist",
            "accounting.view_channelseller",
            is_setting=True,
        ),
        Entry(_("Tax rates"), "percent", "accounting_taxrate_changelist", "accounting.view_taxrate", is_setting=True),
        Entry(
            _("Taxes of goods"), "sell", "accounting_goodstax_changelist", "accounting.view_goodstax", is_setting=True
        ),
    ),
)
RETURNS = Group(
    "returns",
    pgettext_lazy("navigation", "Goods that come back"),
    (
        Entry(
            pgettext_lazy("navigation", "Return cases"),
            "assignment_return",
            "returns_returnrequest_changelist",
            "returns.view_returnrequest",
            "return_cases",
        ),
        Entry(
            pgettext_lazy("navigation", "Returns"),
            "assignment_return",
            "orders_return_changelist",
            "orders.view_return",
        ),
        Entry(_("Withdrawals"), "undo", "orders_withdrawal_changelist", "orders.view_withdrawal", "withdrawals"),
        Entry(
            pgettext_lazy("navigation", "Charged to others"),
            "request_quote",
            "returns_returncharge_changelist",
            "returns.view_returncharge",
        ),
        Entry(_("Return rules"), "rule", "returns_returnrule_changelist", "returns.change_returnrule", is_setting=True),
        Entry(
            _("Return reasons"),
            "list_alt",
            "returns_returnreason_changelist",
            "returns.change_returnreason",
            is_setting=True,
        ),
        Entry(
            _("Texts of steps"),
            "edit_note",
            "returns_stepmessage_changelist",
            "returns.view_stepmessage",
            is_setting=True,
        ),
        Entry(_("What comes back"), "monitoring", "returns_figures", "returns.view_return_figures"),
    ),
)
