"""Texts of a product: the panel with what is written where, and the page of one text beside another language."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import Product, ProductText, SalesChannel
from catalog.policies import can_change_products
from catalog.services.content.writing import COLUMNS, remove_text, set_text
from core.errors import DomainError
from core.html import clean_html, text_of
from core.ui import Panel, actor, register_panel
from core.ui.sitepages import register_page, render_page
from staff.models import Language

# what search engines show before they cut (house rule after what their results show; no law)
SEO_LENGTHS = {"seo_title": 60, "seo_description": 160}


@dataclass(frozen=True, kw_only=True)
class TextPlace:
    """One place where a text stands or could: a language everywhere, or on one channel."""

    language: str
    label: str
    channel: SalesChannel | None
    text: ProductText | None
    url: str
    readers: str  # channels whose customers read it

    @property
    def is_complete(self) -> bool:
        """Tell whether whoever reads here finds a title and a description."""
        return not self.readers or bool(self.text and self.text.title and self.text.description)

    @property
    def description(self) -> str:
        """Return the beginning of the description as plain text."""
        return text_of(self.text.description)[:160] if self.text else ""


def product_texts(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Give each language with its text, those of single channels below it, and whether this person may write."""
    channels = list(SalesChannel.objects.filter(is_active=True))
    texts = {(text.language, text.sales_channel_id): text for text in product.texts.select_related("sales_channel")}
    places = []
    for language, label in Language.choices:
        readers = ", ".join(channel.name for channel in channels if channel.language == language)
        places.append(_place(product, language, label, None, texts.get((language, None)), readers))
        own = [text for (lang, channel), text in texts.items() if lang == language and channel is not None]
        places += [_place(product, language, label, text.sales_channel, text, "") for text in own]
    may_write = can_change_products(actor(request))
    is_complete = all(place.is_complete for place in places)
    return {
        "is_folded": is_complete,
        "gist": pgettext("texts", "Complete"),
        "places": places,
        "may_write": may_write,
        "channels": channels if may_write else [],
        "languages": Language.choices,
        "new_url": reverse("admin:catalog_text_new", args=[product.pk]),
    }


def _place(
    product: Product, language: str, label: str, channel: SalesChannel | None, text: ProductText | None, readers: str
) -> TextPlace:
    return TextPlace(
        language=language,
        label=label,
        channel=channel,
        text=text,
        url=_text_url(product.pk, language, channel.pk if channel else None),
        readers=readers,
    )


def _text_url(product_id: int, language: str, channel_id: int | None) -> str:
    return reverse("admin:catalog_text", args=[product_id, language, channel_id or 0])


class TextForm(forms.Form):
    """One text; the description is HTML."""

    title = forms.CharField(label=gettext_lazy("title"), max_length=255)
    description = forms.CharField(
        label=gettext_lazy("description"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 14, "class": "html-source", "spellcheck": "true"}),
        help_text=gettext_lazy("HTML. Scripts, styles and forms are taken out when it is saved."),
    )
    keywords = forms.CharField(
        label=gettext_lazy("search keywords"), required=False, max_length=500, help_text=gettext_lazy("With commas.")
    )
    seo_title = forms.CharField(
        label=gettext_lazy("title for search engines"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"data-meter": SEO_LENGTHS["seo_title"]}),
    )
    seo_description = forms.CharField(
        label=gettext_lazy("description for search engines"),
        required=False,
        max_length=320,
        widget=forms.Textarea(attrs={"rows": 3, "data-meter": SEO_LENGTHS["seo_description"]}),
    )
    slug = forms.CharField(
        label=gettext_lazy("address on the site"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"data-slug-of": "title"}),
        help_text=gettext_lazy("The last part of the page's address; empty: made of the title."),
    )


@register_page("catalog/product/<int:product_id>/text/", name="catalog_text_new", permission="catalog.change_product")
@require_POST
def new_text(request: HttpRequest, product_id: int) -> HttpResponseBase:
    """Lead to the page of the chosen language and channel."""
    language, channel = request.POST.get("language", ""), request.POST.get("channel", "0")
    if language not in Language.values or not (channel.isascii() and channel.isdigit() and len(channel) < 19):
        raise Http404
    return HttpResponseRedirect(_text_url(product_id, language, int(channel)))


@register_page(
    "catalog/product/<int:product_id>/text/<slug:language>/<int:channel_id>/",
    name="catalog_text",
    permission="catalog.view_product",
)
@require_http_methods(["GET", "HEAD", "POST"])
def text_page(request: HttpRequest, product_id: int, language: str, channel_id: int) -> HttpResponseBase:
    """GET shows one text (channel 0: everywhere) beside another language's; POST saves or removes it."""
    product = Product.objects.filter(pk=product_id).first()
    channel = SalesChannel.objects.filter(pk=channel_id).first() if channel_id else None
    if product is None or language not in Language.values or (channel_id and channel is None):
        raise Http404
    key = {"product_id": product.pk, "language": language, "sales_channel_id": channel.pk if channel else None}
    text = ProductText.objects.filter(**key).first()
    form = TextForm(request.POST if request.POST.get("do") == "save" else None, initial=_initial(product, text))
    if request.method == "POST" and _did(request, form, key):
        return HttpResponseRedirect(reverse("admin:catalog_product_change", args=[product.pk]) + "#panel-texts")
    where = channel.name if channel else _("everywhere")
    return render_page(
        request,
        "catalog/pages/text.html",
        title=_("%(product)s: text in %(language)s, %(where)s")
        % {"product": product.name, "language": Language(language).label, "where": where},
        product=product,
        form=form,
        text=text,
        preview=clean_html(text.description) if text else "",
        others=[_other(row) for row in product.texts.order_by("language", "pk") if row != text],
        may_write=can_change_products(actor(request)),
        back=reverse("admin:catalog_product_change", args=[product.pk]) + "#panel-texts",
        language=language,
    )


def _initial(product: Product, text: ProductText | None) -> dict[str, str]:
    return {name: getattr(text, name) for name in COLUMNS} if text else {"title": product.name}


def _other(text: ProductText) -> dict[str, Any]:
    where = text.sales_channel.name if text.sales_channel else ""
    label = " · ".join(part for part in (Language(text.language).label, where) if part)
    return {"label": label, "text": text, "description": text_of(text.description)}


def _did(request: HttpRequest, form: TextForm, key: dict[str, Any]) -> bool:
    try:
        if request.POST.get("do") == "remove":
            remove_text(**key, actor=actor(request))
            messages.success(request, _("The text is removed."))
            return True
        if form.is_valid():
            data = form.cleaned_data
            set_text(**key, values={**data, "slug": data["slug"] or data["title"]}, actor=actor(request))
            messages.success(request, _("The text is saved."))
            return True
    except DomainError as error:
        form.add_error(None, str(error)) if form.is_bound else messages.error(request, str(error))
    return False


register_panel(
    Product,
    Panel(
        "texts",
        pgettext_lazy("product", "Texts"),
        "catalog/panels/texts.html",
        product_texts,
        "catalog.view_producttext",
        position=15,
        wide=True,
    ),
)
