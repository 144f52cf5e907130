"""Lines of banks' lists become deposits, each once, with a proposal; what is beyond doubt pays its order."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from core.errors import DomainError
from orders.services.batches import check_right
from payments.models import BankDeposit, DepositRule, DepositState
from payments.policies import can_take_deposits
from payments.selectors.deposits import is_beyond_doubt, proposals_for
from payments.services.deposits.matching import match_deposit
from staff.models import User


@dataclass(frozen=True, kw_only=True)
class BankLine:
    """One credit of a bank's list, minor units."""

    account: str
    deposited_on: date
    amount: int
    currency: str
    payer_name: str
    message: str = ""
    reference: str = ""


@transaction.atomic
def take_deposits(*, lines: Sequence[BankLine], actor: User | None = None) -> list[tuple[BankDeposit, bool]]:
    """Keep each line once and return (deposit, whether it is new) in order; the same list again adds nothing.

    A line is known by the bank's number, else by all it says and the how-manieth alike it is in this list. New ones get
    a proposal, and pay their order by themselves where the rule of the currency says so and nothing else comes near.
    """
    check_right(can_take_deposits, actor)
    keys = _keys(lines)
    known = set(
        BankDeposit.objects.filter(line_key__in=keys).values_list("account", "line_key")
    )  # a twin that imports the same list now is met by the constraint
    BankDeposit.objects.bulk_create(
        [
            BankDeposit(
                account=line.account, deposited_on=line.deposited_on, amount=line.amount, currency=line.currency,
                payer_name=line.payer_name[:120], message=line.message[:200], reference=line.reference[:80],
                line_key=key,
            )
            for line, key in zip(lines, keys, strict=True)
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    stored = {(row.account, row.line_key): row for row in BankDeposit.objects.filter(line_key__in=keys)}
    taken = [
        (stored[line.account, key], (line.account, key) not in known) for line, key in zip(lines, keys, strict=True)
    ]
    propose_matches(deposit_ids=[row.pk for row, is_new in taken if is_new])
    return taken


def _keys(lines: Sequence[BankLine]) -> list[str]:
    seen: Counter[str] = Counter()
    keys = []
    for line in lines:
        told = [line.account, line.deposited_on.isoformat(), str(line.amount), line.currency, line.payer_name]
        whole = "\x1f".join([*told, line.message, line.reference])
        seen[whole] += 1
        if line.reference:
            keys.append(f"{line.deposited_on:%Y%m%d}:{line.reference}:{line.amount}"[:80])
        else:
            keys.append(hashlib.sha256(f"{whole}\x1f{seen[whole]}".encode()).hexdigest())
    return keys


@transaction.atomic
def propose_matches(*, deposit_ids: Sequence[int]) -> int:
    """Look for the orders that these open deposits pay, and return how many paid theirs by themselves."""
    open_states = [DepositState.UNMATCHED, DepositState.PROPOSED]
    rows = list(
        BankDeposit.objects.select_for_update().filter(pk__in=deposit_ids, state__in=open_states).order_by("pk")
    )
    if not rows:
        return 0
    found = proposals_for(deposits=rows)
    for row in rows:
        row.state = DepositState.PROPOSED if found[row.pk] else DepositState.UNMATCHED
    BankDeposit.objects.bulk_update(rows, ["state"])
    by_itself = set(DepositRule.objects.filter(matches_itself=True).values_list("currency", flat=True))
    done, used = 0, set[int]()
    for row in rows:
        proposals = found[row.pk]
        if row.currency not in by_itself or not is_beyond_doubt(proposals) or used & proposals[0].amounts.keys():
            continue
        try:
            with transaction.atomic():
                match_deposit(deposit_id=row.pk, amounts=proposals[0].amounts)
        except DomainError:  # the order moved on meanwhile: a person looks at it
            continue
        used |= proposals[0].amounts.keys()
        done += 1
    return done
