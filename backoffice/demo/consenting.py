"""What buyers of the demo agreed to, and what two of them ask about their data."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from customers.models import Customer
from customers.personal import customer_label
from privacy.models import Channel, ConsentAct, ConsentSource, Purpose, RequestKind
from privacy.services import Said, open_data_request, record_consents
from staff.models import User

PERSONS = 60
# every so many of them said it: purpose, channel, at night
SAID = (
    (2, Purpose.MARKETING, Channel.EMAIL, False),
    (3, Purpose.MARKETING, Channel.SMS, False),
    (12, Purpose.MARKETING, Channel.SMS, True),
    (5, Purpose.PROFILE, Channel.EMAIL, False),
)
ASKED = (
    (RequestKind.ACCESS, 4, "T-1", "등록된 이메일로 요청", "주문 내역과 동의 기록"),
    (RequestKind.ERASURE, 2, "전화", "주문번호와 주소를 확인", "탈퇴와 함께 모두 삭제"),
)


def take_consents(*, now: datetime, team: Mapping[str, User]) -> None:
    """Write consents of some buyers, some withdrawn since, and note two requests about data."""
    customers = list(Customer.objects.order_by("pk")[:PERSONS])
    said = []
    for place, customer in enumerate(customers):
        for every, purpose, channel, is_night in SAID:
            if place % every:
                continue
            heard = now - timedelta(days=20 + place * 12)
            given = Said(
                subject_id=customer.pk, purpose=purpose, channel=channel, is_night=is_night, act=ConsentAct.GIVEN,
                source=ConsentSource.SIGN_UP, text_version="2025-01", happened_at=heard,
            )  # fmt: skip
            said.append(given)
            if place % 10 == 0:
                later: dict[str, Any] = {
                    "source": ConsentSource.LINK,
                    "text_version": "",
                    "happened_at": heard + timedelta(days=9),
                }
                said.append(replace(given, act=ConsentAct.WITHDRAWN, **later))
    record_consents(model=Customer, said=said)
    for customer, (kind, days, way, check, wish) in zip(customers[7:], ASKED, strict=False):
        open_data_request(
            model=Customer, subject_id=customer.pk, subject_label=customer_label(customer), kind=kind,
            asked_at=now - timedelta(days=days), asked_through=way, identity_check=check, wish=wish,
            country=customer.country, actor=team["cslead"],
        )  # fmt: skip
