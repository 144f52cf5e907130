"""Who may do what in purchasing; services refuse by these, screens hide by them."""

from purchasing.models import PURCHASE_TRANSITIONS, InvoiceState, PurchaseOrder, PurchaseState, SupplierInvoice
from staff.models import User


def can_see_costs(user: User) -> bool:
    """Tell whether the user may see what goods cost, on screens and in files."""
    return user.has_perm("purchasing.view_costs")


def can_write_suppliers(user: User) -> bool:
    """Tell whether the user may register and change suppliers."""
    return user.has_perm("purchasing.change_supplier")


def can_write_items(user: User) -> bool:
    """Tell whether the user may change what suppliers sell and what it costs."""
    return user.has_perm("purchasing.change_supplieritem") and can_see_costs(user)


def can_write_purchase_orders(user: User) -> bool:
    """Tell whether the user may draft and change purchase orders; whoever writes prices also sees them."""
    return user.has_perm("purchasing.add_purchaseorder") and can_see_costs(user)


def can_approve_purchase_orders(user: User) -> bool:
    """Tell whether the user may approve purchase orders at all."""
    return user.has_perm("purchasing.approve_purchaseorder")


def can_approve_purchase_order(user: User, order: PurchaseOrder) -> bool:
    """Tell whether the user may approve this order: never the one who handed it in."""
    return (
        order.state == PurchaseState.TO_APPROVE
        and can_approve_purchase_orders(user)
        and order.submitted_by_id != user.pk
    )


def can_send_purchase_orders(user: User) -> bool:
    """Tell whether the user may send purchase orders, write down answers of suppliers and give remainders up."""
    return user.has_perm("purchasing.send_purchaseorder")


def can_move(order: PurchaseOrder, target: PurchaseState) -> bool:
    """Tell whether ``target`` may follow the order's state."""
    return PURCHASE_TRANSITIONS.permits(PurchaseState(order.state), target)


def can_receive_goods(user: User) -> bool:
    """Tell whether the user may take in goods of purchase orders."""
    return user.has_perm("purchasing.receive_purchaseorder")


def can_take_overdelivery(user: User) -> bool:
    """Tell whether the user may take in more than was ordered."""
    return user.has_perm("purchasing.take_overdelivery")


def can_inspect_goods(user: User) -> bool:
    """Tell whether the user may pass or fail goods that wait for inspection."""
    return user.has_perm("purchasing.inspect_goodsreceipt")


def can_undo_receipts(user: User) -> bool:
    """Tell whether the user may undo a mistaken receipt: who receives and may correct stock."""
    return can_receive_goods(user) and user.has_perm("inventory.adjust_stock")


def can_set_costs(user: User) -> bool:
    """Tell whether the user may say what pieces cost that nobody knew the cost of."""
    return can_see_costs(user) and user.has_perm("purchasing.change_variantvalue")


def can_add_landed_costs(user: User) -> bool:
    """Tell whether the user may add freight, duty and the like to a receipt."""
    return can_see_costs(user) and user.has_perm("purchasing.add_landedcost")


def can_make_forecasts(user: User) -> bool:
    """Tell whether the user may have forecasts made at once, and enter promotions and seasons."""
    return user.has_perm("purchasing.make_forecasts")


def can_enter_invoices(user: User) -> bool:
    """Tell whether the user may write suppliers' invoices down."""
    return can_see_costs(user) and user.has_perm("purchasing.add_supplierinvoice")


def can_decide_invoices(user: User) -> bool:
    """Tell whether the user may approve or reject suppliers' invoices at all."""
    return can_see_costs(user) and user.has_perm("purchasing.decide_supplierinvoice")


def can_approve_invoice(user: User, invoice: SupplierInvoice) -> bool:
    """Tell whether the user may approve this one: of one that differs never the one who entered it."""
    return can_decide_invoices(user) and (invoice.state != InvoiceState.DIFFERS or invoice.created_by_id != user.pk)


def can_return_to_suppliers(user: User) -> bool:
    """Tell whether the user may send goods back to suppliers."""
    return user.has_perm("purchasing.send_supplierreturn")


def can_credit_returns(user: User) -> bool:
    """Tell whether the user may write down what suppliers credit for goods that went back."""
    return can_see_costs(user) and user.has_perm("purchasing.credit_supplierreturn")


def may_reopen(user: User) -> bool:
    """Tell whether the user may put orders back to draft: who writes or approves them."""
    return can_write_purchase_orders(user) or can_approve_purchase_orders(user)


def can_reopen(user: User, order: PurchaseOrder) -> bool:
    """Tell whether the user may make this order a draft again."""
    return may_reopen(user) and can_move(order, PurchaseState.DRAFT)


def may_cancel(user: User, *, was_sent: bool) -> bool:
    """Tell whether the user may call orders off; after they went out only who sends them may."""
    return can_send_purchase_orders(user) or (can_write_purchase_orders(user) and not was_sent)


def can_cancel_purchase_order(user: User, order: PurchaseOrder) -> bool:
    """Tell whether the user may call this order off."""
    return may_cancel(user, was_sent=order.sent_at is not None) and can_move(order, PurchaseState.CANCELLED)
