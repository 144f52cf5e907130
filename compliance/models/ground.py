"""Why a withdrawal that came in time may be refused all the same: a closed list, the law's own."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import pgettext_lazy

from compliance.models.rule import Jurisdiction


class RefusalGround(models.TextChoices):
    """The exceptions of 전자상거래법 §17② and 영 §21, and the term that takes the place of 特商法 §15の3."""

    DAMAGED = "damaged", pgettext_lazy("refusal", "Lost or damaged by the customer (not by looking at it)")
    USED = "used", pgettext_lazy("refusal", "Used, and worth much less")
    TIME_DECAYED = "time_decayed", pgettext_lazy("refusal", "Time has passed, and it cannot be sold again")
    SEAL_BROKEN = "seal_broken", pgettext_lazy("refusal", "Can be copied, and its seal is broken")
    STARTED = "started", pgettext_lazy("refusal", "Service or digital content that has begun")
    CUSTOM_MADE = "custom_made", pgettext_lazy("refusal", "Made to order")
    SHOWN_TERM = "shown_term", pgettext_lazy("refusal", "Another return term was clearly shown")


_G = RefusalGround
# the only grounds on which a statement in time may be refused; the EU's exceptions are not in our sources, so none
GROUNDS: Mapping[str, frozenset[RefusalGround]] = {
    Jurisdiction.KR.value: frozenset(
        {_G.DAMAGED, _G.USED, _G.TIME_DECAYED, _G.SEAL_BROKEN, _G.STARTED, _G.CUSTOM_MADE}
    ),
    Jurisdiction.JP.value: frozenset({_G.SHOWN_TERM}),
    Jurisdiction.EU.value: frozenset(),
}
# 전자상거래법 §17⑥: without clear notice before the order it stays withdrawable; damage needs none
NEEDS_NOTICE = frozenset(_G) - {_G.DAMAGED}
# 영 §21: a separate notice and the customer's consent in writing
NEEDS_CONSENT = frozenset({_G.CUSTOM_MADE})
