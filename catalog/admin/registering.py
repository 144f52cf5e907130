"""Registration as work: asked for from the list of products, answered with a draft on the task's page."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import services
from catalog.models import Product
from core.ui import ActionForm, Answer, actor, register_action, service_action
from core.ui.listlinks import ListLink, register_list_link
from core.ui.sitepages import register_page
from staff.models import Task, TaskKind


class DraftForm(ActionForm):
    """What a draft starts with."""

    code = forms.CharField(label=gettext_lazy("Product code"), max_length=60)
    title = forms.CharField(label=gettext_lazy("Name"), max_length=255)
    sku = forms.CharField(
        label="SKU",
        max_length=80,
        required=False,
        help_text=gettext_lazy("Empty: the product code. Further variants are added on the product's page."),
    )


@register_page("catalog/product/ask/", name="catalog_ask_registration", permission="staff.add_task")
def ask_for_registration(request: HttpRequest) -> HttpResponseRedirect:
    """Lead to the request page of product registration."""
    query = urlencode({"kind": TaskKind.PRODUCT_REGISTRATION.value})
    return HttpResponseRedirect(f"{reverse('admin:staff_task_request')}?{query}")


@service_action(
    gettext_lazy("Make the draft"),
    permission="catalog.add_product",
    form=DraftForm,
    icon="new_label",
    variant="primary",
    initial=lambda request, task: {"title": task.title},
    available=lambda user, task: (
        task.kind == TaskKind.PRODUCT_REGISTRATION and task.is_open and task.subject_id is None
    ),
)
def make_draft(admin: Any, request: HttpRequest, obj: Task, data: dict[str, Any]) -> Answer:
    """Answer the task with a draft."""
    product = services.draft_for_task(
        task_id=obj.pk, code=data["code"], name=data["title"], sku=data["sku"], actor=actor(request)
    )
    sentence = _("The draft %(product)s is made; the task is about it now.") % {"product": product}
    return Answer(sentence, reverse("admin:catalog_product_change", args=[product.pk]))


register_action(Task, make_draft)
register_list_link(
    Product,
    ListLink(
        gettext_lazy("Ask for registration"),
        "add_task",
        "catalog_ask_registration",
        "product",
        "staff.add_task",
        of_rows=False,
    ),
)
