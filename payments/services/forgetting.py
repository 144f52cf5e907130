"""Taking the payer's name out of bank deposits that paid a customer's orders; amounts and matches stay."""

from django.db import transaction

from payments.models import BankDeposit


@transaction.atomic
def forget_payer(*, customer_id: int) -> int:
    """Empty payer and text of these deposits and return how many changed. Called by erasures that were decided."""
    rows = BankDeposit.objects.filter(matches__order__customer_id=customer_id).exclude(payer_name="", message="")
    ids = set(rows.values_list("pk", flat=True))
    return BankDeposit.objects.filter(pk__in=ids).update(payer_name="", message="")
