"""What the law wants to be told about a product: panels of notices and certificates, and the page of the answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminSelectWidget

from catalog.models import Certificate, Product, SalesChannel
from catalog.policies import can_change_products
from catalog.selectors.informing import Information, information_of
from catalog.services.content.certifying import (
    FOLDER,
    NewCertificate,
    add_certificate,
    looks_unusual,
    remove_certificate,
)
from catalog.services.content.noticing import NO, YES, answer_notices, set_notices, take_answers
from compliance.models import CertificateKind, FieldKind, Jurisdiction, NoticeField, NoticeType
from compliance.selectors import jurisdiction_of, notice_fields_of, notice_types_for
from core.errors import DomainError
from core.files import permission_reader, register_files
from core.ui import ActionForm, Answer, Panel, actor, register_action, register_panel, service_action
from core.ui.sitepages import register_page, render_page
from staff.models import User

ACCEPT = "application/pdf,image/png,image/jpeg,image/webp"


@dataclass(frozen=True, kw_only=True)
class ToldNotice:
    """One notice with its answers: pairs of field and text, empty where nothing is told yet."""

    notice: NoticeType
    answers: Sequence[tuple[NoticeField, str]]

    @property
    def missing(self) -> int:
        """Return how many required fields are empty."""
        return sum(1 for field, text in self.answers if field.is_required and not field.needed_when and not text)


def sold_in() -> list[str]:
    """Return the jurisdictions of the active sales channels, in the order of people's codes."""
    countries = SalesChannel.objects.filter(is_active=True).values_list("country", flat=True)
    return sorted({code for code in map(jurisdiction_of, countries) if code}, key=Jurisdiction.values.index)


def told(product: Product, notices: Sequence[NoticeType]) -> list[ToldNotice]:
    """Return the notices with what the product says."""
    fields = notice_fields_of([notice.pk for notice in notices])
    texts = dict(product.notice_answers.values_list("field_id", "text"))
    return [
        ToldNotice(notice=notice, answers=[(field, texts.get(field.pk, "")) for field in fields[notice.pk]])
        for notice in notices
    ]


def product_notices(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Give per country what is told and how much is missing."""
    found = _found(request, product)
    return {
        "is_folded": not any(info.is_unclassified or info.missing_fields for info in found),
        "gist": pgettext("notice", "Complete") if found else _("No rules of a country apply."),
        "countries": [_country(product, info) for info in found],
        "may_change": can_change_products(actor(request)),
        "url": reverse("admin:catalog_notices", args=[product.pk]),
    }


def _found(request: HttpRequest, product: Product) -> list[Information]:
    """Return how well the product is described, found out once for both panels of its page."""
    known: dict[int, list[Information]] = request.__dict__.setdefault("_information", {})
    if product.pk not in known:
        known[product.pk] = information_of(products=[product], jurisdictions=sold_in())
    return known[product.pk]


def _country(product: Product, info: Information) -> dict[str, Any]:
    count = len(info.missing_fields)
    return {
        "label": Jurisdiction(info.jurisdiction).label,
        "code": info.jurisdiction,
        "notices": told(product, info.notices),
        "is_unclassified": info.is_unclassified,
        "missing": ngettext("%(count)s field is missing", "%(count)s fields are missing", count) % {"count": count}
        if count
        else "",
    }


class NoticesForm(forms.Form):
    """The class of goods in each country, and an answer for each field of the notices that the product carries."""

    def __init__(self, data: Any, *, product: Product) -> None:
        super().__init__(data)
        self.groups: list[dict[str, Any]] = []
        carried = set(product.notices.values_list("notice_type_id", flat=True))
        for info in information_of(products=[product], jurisdictions=sold_in()):
            self._add_country(product, info, carried)

    def _add_country(self, product: Product, info: Information, carried: set[int]) -> None:
        code = info.jurisdiction
        classes = [notice for notice in notice_types_for(code) if not notice.applies_to_all]
        name = f"class_{code}"
        usual = next((n for n in info.notices if not n.applies_to_all and n.pk not in carried), None)
        none = _("As the product type says: %(notice)s") % {"notice": usual} if usual else _("None")
        if classes:
            self.fields[name] = forms.ChoiceField(
                label=_("Class of goods"),
                required=False,
                choices=[("", none), *((str(notice.pk), str(notice)) for notice in classes)],
                initial=next((str(n.pk) for n in classes if n.pk in carried), ""),
                widget=UnfoldAdminSelectWidget,
            )
        notices = []
        for one in told(product, info.notices):
            names = []
            for field, text in one.answers:
                self.fields[f"field_{field.pk}"] = _input(field, text)
                names.append(f"field_{field.pk}")
            notices.append({"notice": one.notice, "fields": [self[n] for n in names]})
        self.groups.append(
            {
                "label": Jurisdiction(code).label,
                "class_field": self[name] if classes else None,
                "notices": notices,
            }
        )

    def notice_type_ids(self) -> list[int]:
        """Return the chosen classes of goods."""
        chosen = [value for name, value in self.cleaned_data.items() if name.startswith("class_") and value]
        return [int(value) for value in chosen]

    def answers(self) -> dict[int, str]:
        """Return notice field id → text of all fields that were shown."""
        prefix = "field_"
        return {
            int(name.removeprefix(prefix)): value
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix)
        }


def _input(field: NoticeField, text: str) -> forms.CharField:
    attrs: dict[str, Any] = {"data-required": ""} if field.is_required else {}
    widget: forms.Widget
    if field.kind == FieldKind.LONG_TEXT:
        widget = forms.Textarea(attrs={**attrs, "rows": 3})
    elif field.kind == FieldKind.DATE:
        widget = forms.DateInput(attrs={**attrs, "type": "date"})
    elif field.kind == FieldKind.YES_NO:
        widget = forms.Select(attrs=attrs, choices=[("", "–"), (YES, _("Yes")), (NO, _("No"))])
    else:
        widget = forms.TextInput(attrs=attrs)
    label = field.label + ("" if field.is_required else " " + _("(optional)"))
    return forms.CharField(
        label=label,
        help_text=field.help,
        required=False,
        max_length=field.max_length,
        initial=text,
        widget=widget,
    )


@register_page("catalog/product/<int:product_id>/notices/", name="catalog_notices", permission="catalog.change_product")
@require_http_methods(["GET", "HEAD", "POST"])
def notices_page(request: HttpRequest, product_id: int) -> HttpResponseBase:
    """GET shows every field that is asked for; POST saves them, or fills empty ones from another product."""
    product = Product.objects.select_related("product_type").filter(pk=product_id).first()
    if product is None:
        raise Http404
    form = NoticesForm(request.POST if request.POST.get("do") == "save" else None, product=product)
    address = reverse("admin:catalog_notices", args=[product.pk])
    if request.method == "POST":
        try:
            leads_on = _save(request, product, form)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            if leads_on is not None:
                return HttpResponseRedirect(_page_of(product.pk, "notices") if leads_on else address)
    return render_page(
        request,
        "catalog/pages/notices.html",
        title=_("Product information: %(product)s") % {"product": product.name},
        product=product,
        form=form,
        back=_page_of(product.pk, "notices"),
    )


def _save(request: HttpRequest, product: Product, form: NoticesForm) -> bool | None:
    """Do what was asked; True leads back to the product, False to the page again, None shows the form's faults."""
    user: User = actor(request)
    if request.POST.get("do") == "take":
        source = Product.objects.filter(code=request.POST.get("code", "").strip()).first()
        if source is None:
            messages.error(request, _("There is no product with this code."))
            return None
        count = take_answers(product_id=product.pk, source_id=source.pk, actor=user)
        messages.success(
            request, ngettext("%(count)s field filled.", "%(count)s fields filled.", count) % {"count": count}
        )
        return False
    if request.POST.get("do") != "save":
        raise SuspiciousOperation("no such command")
    if not form.is_valid():
        return None
    before = set(product.notices.values_list("notice_type_id", flat=True))
    answer_notices(product_id=product.pk, answers=form.answers(), actor=user)
    set_notices(product_id=product.pk, notice_type_ids=form.notice_type_ids(), actor=user)
    messages.success(request, _("Saved."))
    # another class of goods asks for other fields: they are shown at once
    return before == set(form.notice_type_ids())


class CertificateForm(ActionForm):
    """A certificate with its paper."""

    kind: "forms.ModelChoiceField[CertificateKind]" = forms.ModelChoiceField(
        label=gettext_lazy("certificate"), queryset=CertificateKind.objects.none()
    )
    number = forms.CharField(label=gettext_lazy("number"), max_length=80, required=False)
    issuer = forms.CharField(label=gettext_lazy("issuer"), max_length=120, required=False)
    issued_on = forms.DateField(
        label=gettext_lazy("issued"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    expires_on = forms.DateField(
        label=gettext_lazy("expires"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    document = forms.FileField(
        label=pgettext_lazy("certificate", "document"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=gettext_lazy("PDF or picture; only colleagues who may see the product see it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["kind"]
        choice.queryset = CertificateKind.objects.order_by("jurisdiction", "position")
        choice.label_from_instance = lambda kind: f"{kind.get_jurisdiction_display()}: {kind}"


class RemoveCertificateForm(ActionForm):
    """Which one, and why."""

    certificate: "forms.ModelChoiceField[Certificate]" = forms.ModelChoiceField(
        label=gettext_lazy("certificate"), queryset=Certificate.objects.none()
    )
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["certificate"]
        if self.obj is not None:
            choice.queryset = self.obj.certificates.select_related("kind")


@service_action(
    gettext_lazy("Add certificate"),
    permission="catalog.change_product",
    form=CertificateForm,
    icon="verified",
    is_shown=False,
)
def add_paper(admin: Any, request: HttpRequest, obj: Product, data: dict[str, Any]) -> Answer:
    """Write a certificate down."""
    made = add_certificate(
        product_id=obj.pk,
        certificate=NewCertificate(
            kind_id=data["kind"].pk,
            number=data["number"],
            issuer=data["issuer"],
            issued_on=data["issued_on"],
            expires_on=data["expires_on"],
        ),
        document=data["document"],
        actor=actor(request),
    )
    if looks_unusual(made):
        words = {"certificate": made, "example": made.kind.number_example}
        return Answer(
            _("%(certificate)s is added. Check the number: one looks like %(example)s.") % words, "", "warning"
        )
    return Answer(_("%(certificate)s is added.") % {"certificate": made})


@service_action(
    gettext_lazy("Remove certificate"),
    permission="catalog.change_product",
    form=RemoveCertificateForm,
    icon="remove_moderator",
    is_shown=False,
    available=lambda user, product: product.certificates.exists(),
)
def remove_paper(admin: Any, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
    """Take a certificate off the product."""
    remove_certificate(certificate_id=data["certificate"].pk, reason=data["reason"], actor=actor(request))
    return _("%(certificate)s is removed.") % {"certificate": data["certificate"]}


def product_certificates(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Give the certificates, those that are missing, expired or end soon."""
    found = _found(request, product)
    papers = list(product.certificates.select_related("kind"))
    ending = {paper.pk for info in found for paper in (*info.expired, *info.ending)}
    missing = any(info.missing_certificates for info in found)
    return {
        "is_folded": not ending and not missing,
        "gist": ngettext("%(count)s certificate", "%(count)s certificates", len(papers)) % {"count": len(papers)}
        if papers
        else _("No certificate is needed."),
        "add_url": _press_of(product, "add_paper") if can_change_products(actor(request)) else "",
        "remove_url": _press_of(product, "remove_paper") if can_change_products(actor(request)) and papers else "",
        "papers": papers,
        "unusual": {paper.pk for paper in papers if looks_unusual(paper)},
        "expired": {paper.pk for info in found for paper in info.expired},
        "ending": {paper.pk for info in found for paper in info.ending},
        "missing": [
            (Jurisdiction(info.jurisdiction).label, group.name) for info in found for group in info.missing_certificates
        ],
    }


def _press_of(product: Product, name: str) -> str:
    return reverse("admin:catalog_product_press", args=[product.pk, name])


def _page_of(product_id: int, panel: str) -> str:
    return reverse("admin:catalog_product_change", args=[product_id]) + f"#panel-{panel}"


register_panel(
    Product,
    Panel(
        "notices",
        gettext_lazy("Product information notices"),
        "catalog/panels/notices.html",
        product_notices,
        position=30,
        wide=True,
    ),
)
register_panel(
    Product,
    Panel(
        "certificates",
        gettext_lazy("Certificates"),
        "catalog/panels/certificates.html",
        product_certificates,
        position=35,
        wide=True,
    ),
)
register_action(Product, add_paper)
register_action(Product, remove_paper)
register_files(FOLDER, permission_reader("catalog.view_product"))
