"""Bundles of permissions that the table of roles is made of."""


def view(app: str, models: str) -> frozenset[str]:
    return frozenset(f"{app}.view_{model}" for model in models.split())


def edit(app: str, models: str) -> frozenset[str]:
    return frozenset(f"{app}.{action}_{model}" for model in models.split() for action in ("view", "add", "change"))


def may(*permissions: str) -> frozenset[str]:
    return frozenset(permissions)


GOODS = view(
    "catalog",
    "saleschannel category categorymapping collection product producttext variant variantcode productimage"
    " producttype attribute",
)
RULES = view("compliance", "noticetype certificatekind priceclaimrule legalrule")
EDIT_RULES = edit("compliance", "noticetype certificatekind priceclaimrule legalrule")
# what people who register products work on
REGISTER = edit(
    "catalog",
    "category categorymapping collection product producttext variant variantcode productimage price"
    " producttype typeattribute attribute attributechoice",
)
PRICE_WISHES = view("catalog", "priceproposal")
APPROVE_PRICES = PRICE_WISHES | may("catalog.approve_price")
# where pieces lie, which exactly they are, and what is held back
PIECES = view("inventory", "stockhold lot serialnumber bin stockpolicy")
STOCK = PIECES | view("inventory", "warehouse stockitem reservation stockentry stockmovement")
TRANSFERS = view("inventory", "transfer assembly")
MOVE = edit("inventory", "transfer") | TRANSFERS | may("inventory.move_stock", "inventory.assemble_kits")
# who judges counts sees every line; who counts blind must not
COUNT = view("inventory", "stocktake countplan") | may("inventory.count_stock")
JUDGE_COUNTS = (
    COUNT | edit("inventory", "countplan") | view("inventory", "stocktakeline") | may("inventory.approve_stocktake")
)
# what will sell, and what people know of it: who plans purchases
FORESEE = view("purchasing", "forecast") | edit("purchasing", "demandevent") | may("purchasing.make_forecasts")
# whoever works on orders sees which legal deadlines run for them
ORDERS = view(
    "orders",
    "order orderline orderchange gift parcel parcelpiece parcelrule allocation shipment shipmentline return"
    " returnline oversell withdrawal",
) | view("compliance", "legalclock")
MONEY = view("orders", "payment") | may("compliance.see_clock_costs")
# agents promise money back up to a limit; who leads sends it, and above an amount somebody else says yes
MONEY |= view("payments", "refund providerpayment")
GRANT_REFUNDS = may("payments.grant_refund")
SEND_REFUNDS = GRANT_REFUNDS | may(
    "payments.grant_large_refund",
    "payments.send_refund",
    "payments.approve_refund",
    "payments.add_providerpayment",
    "payments.capture_payment",
    "payments.void_payment",
    "payments.view_providercall",
    "payments.view_paymentmethod",
    "orders.record_payment",
)
SET_REFUND_LIMITS = edit("payments", "refundlimit paymentmethod depositrule")
# what came to the bank: matched by who leads or keeps the books, seen by nobody else
MATCH_DEPOSITS = view("payments", "bankdeposit depositrule") | may(
    "payments.add_bankdeposit", "payments.match_bankdeposit", "payments.return_bankdeposit"
)
SEND_REFUNDS |= MATCH_DEPOSITS
DECIDE_BY_LAW = may("orders.decide_withdrawal", "compliance.stop_legalclock")
# everybody who sees orders sees what holds them; who clears it up releases it, who directs the shop writes the rules
ORDERS |= view("orders", "orderhold holdrule")
RELEASE = may("orders.hold_order", "orders.release_order")
WRITE_HOLD_RULES = RELEASE | edit("orders", "holdrule channelhandling parcelrule")
SHARE = may("core.share_savedview")
WATCH_STOCK = view("inventory", "stockalert stockincident")
# what was sold and is not there: who talks with customers sees it, who directs the shop decides it
TELL_CUSTOMERS = view("orders", "ordermessage cancelpenalty") | may("orders.send_ordermessage")
DECIDE_SHORTAGES = (
    WATCH_STOCK
    | TELL_CUSTOMERS
    | edit("orders", "cancelpenalty")
    | may("orders.decide_oversell", "inventory.close_stockincident")
)
PEOPLE = view("customers", "customer identity")
OWN_JOBS = view("core", "job")
FILES = view("core", "importformat importbatch importrow")
BRING_FILES = edit("core", "importformat importbatch") | view("core", "importrow")
HISTORY = view("core", "eventrecord")
EXPORT = may("core.export_data")
EXCHANGE = may("core.import_data", "core.export_data", "core.view_tableimport")
# everybody may ask for work, is given work, and sees who is away
TASKS = (
    view("staff", "tasktemplate creativeslot taskgroup leave")
    | edit("staff", "task")
    | may("staff.work_on_task", "staff.add_leave")
)
REVIEW = may("staff.review_task")
# of two people who know the goods one registers and the other one approves
APPROVE_PRODUCTS = may("catalog.review_product")
DIRECT = (
    TASKS
    | REVIEW
    | edit("staff", "tasktemplate creativeslot taskgroup recurringtask leave workprofile workcalendar holiday webhook")
    | may("staff.direct_task", "staff.view_task_figures")
)


# when and how much to order, and what lies too long
PLAN = view("purchasing", "reorderproposal stockhealth servicelevel purchasebudget") | edit("purchasing", "reorderrule")
SET_LEVELS = edit("purchasing", "servicelevel purchasebudget")
SEE_ORDERS = view("purchasing", "supplier supplieritem purchaseorder purchaseorderline")
COSTS = may("purchasing.view_costs") | view("purchasing", "pricebreak exchangerate")
# who plans drafts and hands in; somebody else approves above the limit and sends
DRAFT_ORDERS = SEE_ORDERS | COSTS | PLAN | edit("purchasing", "supplier supplieritem purchaseorder")
PURCHASE = (
    DRAFT_ORDERS
    | SET_LEVELS
    | edit("purchasing", "approvallimit exchangerate")
    | may("purchasing.approve_purchaseorder", "purchasing.send_purchaseorder", "purchasing.receive_purchaseorder")
)


# who receives sees what came; costs are seen by those who see costs
SEE_RECEIPTS = view("purchasing", "goodsreceipt goodsreceiptline")
SEE_VALUES = view("purchasing", "supplierinvoice supplierinvoiceline variantvalue costlayer costentry matchtolerance")
# who has the goods in hand or ordered them sends them back; whoever keeps invoices writes down what is credited
SEE_RETURNS = view("purchasing", "supplierreturn supplierreturnline")
SEND_BACK = SEE_RETURNS | may("purchasing.send_supplierreturn")
CREDIT_RETURNS = SEE_RETURNS | may("purchasing.credit_supplierreturn")
OVERSEE_RECEIPTS = (
    SEE_RECEIPTS
    | SEE_VALUES
    | SEND_BACK
    | CREDIT_RETURNS
    | may(
        "purchasing.take_overdelivery",
        "purchasing.inspect_goodsreceipt",
        "purchasing.add_landedcost",
        "purchasing.change_variantvalue",
        "purchasing.decide_supplierinvoice",
        "purchasing.add_matchtolerance",
        "purchasing.change_matchtolerance",
    )
)
# of two people who see costs one enters an invoice and the other approves it where it differs
KEEP_INVOICES = (
    SEE_RECEIPTS
    | SEE_VALUES
    | CREDIT_RETURNS
    | may("purchasing.add_supplierinvoice", "purchasing.add_landedcost", "purchasing.change_variantvalue")
)


# everybody who sees orders sees who carries them; who directs the shop says who does
SEE_CARRIERS = view("shipping", "carrier carrierrule")
SEE_CARRIERS |= view("addresses", "postcode place remotezone remoterange remotesurcharge")
ORDERS |= SEE_CARRIERS
SET_CARRIERS = edit("shipping", "carrier carrierrule outformat sender carriertariff channelcutoff") | edit(
    "addresses", "remotezone remoterange remotesurcharge"
)
# everybody who sees orders sees what went to carriers and malls; files with addresses are for those who send
ORDERS |= view("shipping", "carrierfile channelnotice noticefile parcelalert outformat channelcutoff")
HAND_OVER = may(
    "shipping.add_carrierfile",
    "shipping.download_carrierfile",
    "shipping.tell_channelnotice",
    "shipping.close_parcelalert",
) | view("shipping", "sender carriertariff")
# who ships brings the numbers that carriers issued; which files a person may import its target's right decides
HAND_OVER |= FILES | edit("core", "importbatch")
PARCEL_COSTS = view("shipping", "carriertariff parcelcost") | may("shipping.set_parcelcost")

# everybody who sees orders sees their waves and scans; who directs the shop makes waves, who packs prints
SEE_WAVES = view("shipping", "wave waveorder packing packingcheck")
ORDERS |= SEE_WAVES
PRINT_SLIPS = may("shipping.print_packingslip")
MAKE_WAVES = edit("shipping", "wave") | PRINT_SLIPS

# everybody who sees orders sees what comes back of them and why; who talks with customers opens and decides cases
SEE_CASES = view("returns", "returnrequest returncharge returnrule returnreason")
ORDERS |= SEE_CASES
OPEN_CASES = may("returns.open_returnrequest", "returns.decide_returnrequest", "returns.resolve_returnrequest")
# who has the goods in hand says what they are like; who answers for quality says what is not taken back
INSPECT_CASES = may("returns.inspect_returnrequest")
JUDGE_CASES = INSPECT_CASES | may("returns.judge_returnrequest", "returns.view_return_figures")
CHARGE_OTHERS = may("returns.settle_returncharge")
TELL_OF_CASES = edit("returns", "stepmessage")
LEAD_CASES = OPEN_CASES | CHARGE_OTHERS | TELL_OF_CASES | may("returns.view_return_figures")
RULE_RETURNS = LEAD_CASES | JUDGE_CASES | edit("returns", "returnrule returnreason")

# who works with people sees their data when they say why; who answers for it reads the log and reviews it
REVEAL = may("privacy.reveal_personal_data")
ASK_CONSENT = REVEAL | may("privacy.record_consent")
ANSWER_PERSONS = ASK_CONSENT | view("privacy", "datarequest") | may("privacy.answer_datarequest")
GUARD_DATA = (
    ANSWER_PERSONS
    | view("privacy", "access")
    | may("privacy.review_access", "privacy.decide_erasure", "privacy.open_restricted")
)

# who talks with customers sees how they buy and writes notes; who leads makes one customer of two, and segments
KNOW_BUYERS = view("crm", "duplicateproposal") | may("crm.view_pattern", "crm.note_customer")
LEAD_RELATIONS = KNOW_BUYERS | edit("crm", "segment") | may("crm.merge_customer", "crm.use_segment")

# who answers for quality hears what customers say about goods, and acts on what rings
HEAR_CUSTOMERS = (
    view("voice", "review alert alertrule")
    | view("service", "reasonnode")
    | may("voice.view_voice", "voice.act_on_voice")
)
# who answers reads and answers all tickets; who leads gives them out and says where people write
ANSWER = (
    KNOW_BUYERS
    | view(
        "service",
        "ticket ticketorder inlet team slapolicy malldeadline escalationstep reasonnode macro approvalrule coupon",
    )
    | view("service", "agentprofile assignmentrule")
    | view("knowledge", "article")
    | view("voice", "review")
    | may(
        "service.add_ticket", "service.work_on_ticket", "service.give_coupon", "voice.answer_review", "voice.ask_hiding"
    )
)
LEAD_ANSWERS = (
    ANSWER
    | LEAD_RELATIONS
    | edit("knowledge", "article")
    | view("service", "survey")
    | may("knowledge.publish_article", "voice.add_review", "voice.decide_hiding")
    | may("voice.view_voice", "voice.act_on_voice")
    | edit("voice", "hidingground alertrule")
    | view("voice", "hiding alert")
    | edit(
        "service", "inlet team slapolicy malldeadline escalationstep reasonnode macro approvalrule answerfile coupon"
    )
    | edit("service", "agentprofile assignmentrule")
    | view("service", "asidemail")
    | edit("chat", "widget")
    | view("channels", "connection")
    | may("service.direct_ticket", "service.approve_reply")
)

# who talks with customers gives out receipts; who keeps the books bills, takes back and says who sells at which tax
HAND_OUT_RECEIPTS = view("accounting", "issueddocument documenttax") | may(
    "accounting.issue_receipt", "accounting.download_issueddocument"
)
KEEP_BOOKS = (
    HAND_OUT_RECEIPTS
    | edit("accounting", "seller channelseller taxrate goodstax feerule channelterms")
    | view("accounting", "settlement settlementline settlementdifference")
    | may(
        "accounting.issue_invoice",
        "accounting.add_settlement",
        "accounting.decide_settlement",
        "accounting.undo_settlement",
    )
)
# who directs the shop says where it sells and how malls are reached; who leads customer service sees whether they are
REACH_MALLS = edit("catalog", "saleschannel") | edit("channels", "connection")

# what was earned: who keeps the books and who directs the shop, nobody else
SEE_PROFITS = view("accounting", "lineprofit") | edit("accounting", "adcost") | may("accounting.compute_profit")
