"""What one does with a case: one button, one service call, one sentence."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.models import RefusalGround
from core.ui import actor, link_action, service_action
from returns import policies, services
from returns.admin import forms
from returns.models import RequestState, ReturnRequest
from returns.selectors.cases import exchanges_of
from returns.services.deciding import DAYS_TO_SEND

_S = RequestState


class CaseButtons:
    """Buttons of the page of a case."""

    @service_action(
        gettext_lazy("Approve"), permission="returns.decide_returnrequest", form=forms.ApproveForm, icon="task_alt",
        variant="primary", initial=forms.approve_initial,
        available=lambda user, case: case.state == _S.REQUESTED,
    )  # fmt: skip
    def approve(self, request: HttpRequest, obj: ReturnRequest, data: dict[str, Any]) -> str:
        """Let it come back."""
        place = data.get("warehouse")
        terms = services.Terms(
            warehouse_id=place.pk if place else None,
            days=data.get("days") or DAYS_TO_SEND,
            return_shipping=data.get("return_shipping"),
            fee=data.get("fee"),
        )
        case = services.approve_return(request_id=obj.pk, terms=terms, actor=actor(request))
        return _("Approved; it is now “%(state)s”.") % {"state": case.get_state_display()}

    @service_action(
        gettext_lazy("Refuse"), permission="returns.decide_returnrequest", form=forms.GroundForm, icon="block",
        variant="danger", available=lambda user, case: policies.may_move(case, _S.REFUSED),
    )  # fmt: skip
    def refuse(self, request: HttpRequest, obj: ReturnRequest, data: dict[str, Any]) -> str:
        """Refuse it as the law allows."""
        refusal = services.RequestRefusal(
            reason=data["reason"],
            ground=RefusalGround(data["ground"]) if data.get("ground") else None,
            was_told=bool(data.get("was_told")),
            has_consent=bool(data.get("has_consent")),
        )
        services.refuse_return(request_id=obj.pk, refusal=refusal, actor=actor(request))
        return _("Refused.")

    inspect = link_action(
        "inspect", gettext_lazy("Receive and inspect"), permission="returns.inspect_returnrequest",
        link=lambda case: reverse("admin:returns_inspect", args=[case.pk]), icon="fact_check", variant="primary",
        available=lambda user, case: policies.is_inspectable(case),
    )  # fmt: skip
    resolve = link_action(
        "resolve", gettext_lazy("Resolve"), permission="returns.resolve_returnrequest",
        link=lambda case: reverse("admin:returns_resolve", args=[case.pk]), icon="done_all", variant="primary",
        available=lambda user, case: case.state == _S.INSPECTED,
    )  # fmt: skip
    judge = link_action(
        "judge", gettext_lazy("Judge pieces"), permission="returns.judge_returnrequest",
        link=lambda case: reverse("admin:returns_resolve", args=[case.pk]), icon="gavel",
        available=lambda user, case: case.state == _S.INSPECTED and not policies.can_resolve_returns(user),
    )  # fmt: skip

    @service_action(
        gettext_lazy("Money instead"), permission="returns.decide_returnrequest", form=forms.ExchangeForm,
        icon="payments", initial=forms.exchange_initial, is_shown=False,
        question=gettext_lazy("The customer gets money and no replacement; what is kept for it can be sold again."),
        available=lambda user, case: bool(exchanges_of(case)),
    )  # fmt: skip
    def pay_instead(self, request: HttpRequest, obj: ReturnRequest, data: dict[str, Any]) -> str:
        """Give money for a line that was to be exchanged."""
        line = data["line"]
        services.cancel_exchange(line_id=line.pk, actor=actor(request))
        return _("%(goods)s: money instead of a replacement.") % {"goods": line.order_line.name}

    @service_action(
        gettext_lazy("It is on its way"), permission="returns.open_returnrequest", form=forms.SentForm,
        icon="local_shipping", available=lambda user, case: policies.is_awaited(case),
        initial=lambda request, case: {"carrier": case.carrier, "tracking_number": case.tracking_number},
    )  # fmt: skip
    def sent(self, request: HttpRequest, obj: ReturnRequest, data: dict[str, Any]) -> str:
        """Note who carries it."""
        services.note_return_sent(request_id=obj.pk, **data, actor=actor(request))
        return _("Noted: it is on its way back.")

    @service_action(
        gettext_lazy("Add photos"), permission="returns.view_returnrequest", form=forms.PhotosForm,
        icon="add_a_photo",
        available=lambda user, case: policies.can_open_returns(user) or policies.can_inspect_returns(user),
    )  # fmt: skip
    def photograph(self, request: HttpRequest, obj: ReturnRequest, data: dict[str, Any]) -> str:
        """Keep pictures."""
        count = services.add_photos(request_id=obj.pk, files=data["photos"], actor=actor(request))
        return _("Photos added: %(count)s") % {"count": count}

    @service_action(
        gettext_lazy("Write to the customer"), permission="returns.open_returnrequest", form=forms.MessageForm,
        icon="outgoing_mail", initial=forms.message_initial,
    )  # fmt: skip
    def tell(self, request: HttpRequest, obj: ReturnRequest, data: dict[str, Any]) -> str:
        """Draft a message."""
        body = data["body"] or services.draft_text(request=obj, step=data["step"])
        services.draft_case_message(request_id=obj.pk, step=data["step"], body=body, actor=actor(request))
        return _("Drafted: it waits among the messages to customers until somebody sends it.")

    @service_action(
        gettext_lazy("Charge somebody"), permission="returns.settle_returncharge", form=forms.ChargeForm,
        icon="request_quote", is_rare=True,
    )  # fmt: skip
    def charge(self, request: HttpRequest, obj: ReturnRequest, data: dict[str, Any]) -> str:
        """Ask who was at fault to pay."""
        supplier = data["supplier"]
        claimed = services.Claimed(
            party=data["party"],
            amount=data["amount"],
            reason=data["reason"],
            supplier_id=supplier.pk if supplier else None,
            party_name=data["party_name"],
        )
        charge = services.charge_for_case(request_id=obj.pk, claimed=claimed, actor=actor(request))
        if data.get("sends_back"):
            document = services.draft_return_to_supplier(charge_id=charge.pk, actor=actor(request))
            return _("Charged; %(number)s is drafted.") % {"number": document.number}
        return _("Charged.")

    @service_action(
        gettext_lazy("Customer keeps it"), permission="returns.open_returnrequest", form=forms.NoteForm,
        icon="undo", variant="danger", is_rare=True,
        available=lambda user, case: policies.may_move(case, _S.CALLED_OFF),
    )  # fmt: skip
    def call_off(self, request: HttpRequest, obj: ReturnRequest, data: dict[str, Any]) -> str:
        """Close it at the customer's wish."""
        services.call_off_return(request_id=obj.pk, note=data["note"], actor=actor(request))
        return _("Called off; what was kept for an exchange can be sold again.")
