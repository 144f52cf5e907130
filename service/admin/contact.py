"""The public form at ``/contact/<inlet>/``, in three languages, without a login."""

import uuid

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from core.errors import InvalidInput
from service.models import Inlet
from service.services.intake.contact import ContactWords, TooManyMessages, form_of, opened_form, take_contact
from staff.login import client_address
from staff.models import Language

CONSENT = gettext_lazy(
    "I agree that my name, my e-mail address and my message are kept to answer me, and deleted three years after the"
    " matter is settled."
)


class ContactForm(forms.Form):
    """What a customer tells us; ``website`` is a trap that people do not see."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    address = forms.EmailField(
        label=gettext_lazy("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    order_number = forms.CharField(label=gettext_lazy("Order number (if you have one)"), max_length=80, required=False)
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Your message"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 8})
    )
    consent = forms.BooleanField(label=CONSENT)
    website = forms.CharField(required=False, max_length=200)
    opened = forms.CharField(max_length=200, widget=forms.HiddenInput)


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def contact_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the form and take in what is written; 404 where there is no such form, 429 for who writes too often."""
    inlet = form_of(code)
    if inlet is None:
        raise Http404
    with translation.override(_language(request, inlet)):
        if request.method == "POST":
            return _taken(request, inlet)
        is_done = request.GET.get("done") == "1"
        return _page(request, inlet, None if is_done else _fresh())


def _taken(request: HttpRequest, inlet: Inlet) -> HttpResponse:
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _page(request, inlet, form, status=400)
    data = form.cleaned_data
    done = f"{reverse('service_contact', args=[inlet.code])}?lang={translation.get_language()}&done=1"
    if data["website"]:
        return HttpResponseRedirect(done)  # a machine filled in what nobody sees: it learns nothing
    words = ContactWords(
        name=data["name"],
        address=data["address"],
        subject=data["subject"],
        body=data["body"],
        order_number=data["order_number"].strip().upper(),
        language=str(translation.get_language()),
        consent=str(CONSENT),
    )
    try:
        take_contact(inlet_id=inlet.pk, words=words, opened=data["opened"], origin=client_address(request))
    except TooManyMessages as error:
        form.add_error(None, str(error))
        return _page(request, inlet, form, status=429)
    except InvalidInput as error:
        again = request.POST.copy()
        again["opened"] = opened_form(uuid.uuid4().hex)
        form = ContactForm(again)
        form.add_error(None, str(error))
        return _page(request, inlet, form, status=400)
    return HttpResponseRedirect(done)


def _fresh() -> ContactForm:
    return ContactForm(initial={"opened": opened_form(uuid.uuid4().hex)})


def _page(request: HttpRequest, inlet: Inlet, form: ContactForm | None, *, status: int = 200) -> HttpResponse:
    languages = [(code, label, code == translation.get_language()) for code, label in Language.choices]
    context = {"inlet": inlet, "form": form, "languages": languages, "title": _("Contact")}
    return render(request, "service/pages/contact.html", context, status=status)


def _language(request: HttpRequest, inlet: Inlet) -> str:
    """Return the language that was asked for, else the browser's, else the inlet's."""
    asked = request.GET.get("lang", "")
    if asked in Language.values:
        return asked
    given = (request.headers.get("Accept-Language") or "")[:2].lower()
    return given if given in Language.values else str(inlet.language)
