"""Where a product is sold: the panel on top of its page, and the dialogs that start, pause and end it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from catalog import policies, services
from catalog.models import ListingState, Product, ProductStatus, SalesChannel
from catalog.selectors.pricing import running_prices
from core.search import matching
from core.ui import ActionForm, Answer, actor, bulk_action, service_action
from core.ui.sitepages import register_page
from staff.admin.forms import MomentInput
from staff.models import User

CHANGE = "catalog.change_product"
_RUNNING = (ListingState.LIVE, ListingState.SCHEDULED, ListingState.PAUSED)
_SELLABLE = (ProductStatus.APPROVED, ProductStatus.ACTIVE, ProductStatus.ENDED)


class ChannelsForm(ActionForm):
    """Which sales channels."""

    states: Sequence[str] = ()  # of the listings that are offered for one product; nothing: all active channels
    sales_channels = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Sales channels"),
        queryset=SalesChannel.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one sales channel.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = SalesChannel.objects.filter(is_active=True).order_by("name")
        if self.obj is not None and self.states:
            channels = channels.filter(listings__product=self.obj, listings__state__in=self.states)
        self.fields["sales_channels"].queryset = channels  # type: ignore[attr-defined]


class ListForm(ChannelsForm):
    """Where, and from when until when."""

    starts_at = forms.DateTimeField(
        label=pgettext_lazy("listing", "From"),
        required=False,
        widget=MomentInput,
        help_text=gettext_lazy("Empty: at once."),
    )
    ends_at = forms.DateTimeField(
        label=pgettext_lazy("listing", "Until"),
        required=False,
        widget=MomentInput,
        help_text=gettext_lazy("Empty: without an end."),
    )


class PauseForm(ChannelsForm):
    """Where, and why."""

    states = (ListingState.LIVE, ListingState.SCHEDULED)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class ResumeForm(ChannelsForm):
    """Where."""

    states = (ListingState.PAUSED,)


class EndForm(ChannelsForm):
    """Where."""

    states = (ListingState.PLANNED, *_RUNNING)


class CodeInput(forms.TextInput):
    """A product's code, with suggestions while one types."""

    template_name = "catalog/widgets/product_code.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Name the list of suggestions and where they come from."""
        context = super().get_context(name, value, {**(attrs or {}), "autocomplete": "off"})
        return {**context, "suggest_url": reverse_lazy("admin:catalog_product_suggest")}


class DiscontinueForm(ActionForm):
    """What customers are shown instead, and why it ends."""

    replaced_by = forms.CharField(
        label=gettext_lazy("Replaced by"),
        max_length=60,
        required=False,
        widget=CodeInput,
        help_text=gettext_lazy("Code of the product that takes its place; empty for none."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def clean_replaced_by(self) -> int | None:
        """Return the product's id."""
        code = self.cleaned_data["replaced_by"].strip()
        if not code:
            return None
        found = Product.objects.filter(code=code).values_list("pk", flat=True).first()
        if found is None:
            raise forms.ValidationError(_("There is no product with this code."))
        return found


@register_page("catalog/product/suggest/", name="catalog_product_suggest", permission="catalog.view_product")
def suggest_products(request: HttpRequest) -> HttpResponse:
    """Answer with products whose words begin like what is typed, as options of a list."""
    typed = request.GET.get("replaced_by", "").strip()[:60]
    rows: QuerySet[Product] | list[Product] = []
    if len(typed) >= 2 and "\x00" not in typed:
        rows = Product.objects.exclude(status=ProductStatus.ENDED).filter(matching(typed)).order_by("-pk")[:12]
    return TemplateResponse(request, "catalog/components/product_options.html", {"products": rows})


def first_choice(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Propose the channel of the link, else those where the product has a price and is not sold yet."""
    asked = request.GET.get("channel", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 10:
        row = product.listings.filter(sales_channel=int(asked), state=ListingState.SCHEDULED).first()
        dates = {"starts_at": row.starts_at, "ends_at": row.ends_at} if row else {}
        return {"sales_channels": [int(asked)], **dates}
    variants = list(product.variants.filter(is_active=True).values_list("pk", flat=True))
    priced = {channel for _variant, channel in running_prices(variant_ids=variants)}
    running = set(product.listings.filter(state__in=_RUNNING).values_list("sales_channel", flat=True))
    return {"sales_channels": sorted(priced - running)}


def asked_channel(request: HttpRequest, _product: Product) -> dict[str, Any]:
    """Propose the channel of the link."""
    asked = request.GET.get("channel", "")
    return {"sales_channels": [int(asked)]} if asked.isascii() and asked.isdigit() and len(asked) < 10 else {}


def listed(batch: services.ListingBatch) -> Answer:
    """Say what became of it, and why not where not."""
    parts = []
    if batch.live:
        parts.append(
            ngettext("Live on %(count)s channel", "Live on %(count)s channels", batch.live) % {"count": batch.live}
        )
    if batch.scheduled:
        parts.append(
            ngettext("Scheduled on %(count)s channel", "Scheduled on %(count)s channels", batch.scheduled)
            % {"count": batch.scheduled}
        )
    shown = batch.refused[:10]
    parts += [reason if len(batch.refused) == 1 else f"{where}: {reason}" for where, reason in shown]
    if more := len(batch.refused) - len(shown):
        parts.append(ngettext("%(count)s more refused", "%(count)s more refused", more) % {"count": more})
    level = "success" if not batch.refused else ("warning" if batch.done else "error")
    return Answer(". ".join(part.rstrip(".") for part in parts) + "." if parts else _("Nothing to do."), level=level)


def _runs(user: User, product: Product, *states: str) -> bool:
    return product.listings.filter(state__in=states).exists()


def _keys(data: dict[str, Any]) -> Collection[int]:
    return [channel.pk for channel in data["sales_channels"]]


def _dates(data: dict[str, Any]) -> dict[str, datetime | None]:
    return {"starts_at": data["starts_at"], "ends_at": data["ends_at"]}


class ListingButtons:
    """Sell, pause, go on, end: on channels of one product, and of many."""

    @service_action(
        gettext_lazy("Sell on channels"),
        permission=CHANGE,
        form=ListForm,
        icon="storefront",
        variant="primary",
        initial=first_choice,
        available=lambda user, product: product.status == ProductStatus.APPROVED,
    )
    def sell(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> Answer:
        """Start selling what was approved."""
        return listed(
            services.list_products(
                product_ids=[obj.pk], sales_channel_ids=_keys(data), **_dates(data), actor=actor(request)
            )
        )

    @service_action(
        gettext_lazy("Sell on a channel"),
        permission=CHANGE,
        form=ListForm,
        icon="add_business",
        initial=first_choice,
        available=lambda user, product: product.status in _SELLABLE,
        is_shown=False,
    )
    def list_on(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> Answer:
        """Sell on further channels, or at other times."""
        return listed(
            services.list_products(
                product_ids=[obj.pk], sales_channel_ids=_keys(data), **_dates(data), actor=actor(request)
            )
        )

    @service_action(
        gettext_lazy("Sell again"),
        permission=CHANGE,
        icon="storefront",
        variant="primary",
        question=gettext_lazy("Sell the product again on every channel where it has a price?"),
        available=lambda user, product: product.status == ProductStatus.ENDED,
    )
    def activate(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
        """Sell what had ended."""
        services.activate_product(product_id=obj.pk, actor=actor(request))
        return _("%(name)s is on sale.") % {"name": obj.name}

    @service_action(
        pgettext_lazy("listing", "Pause"),
        permission=CHANGE,
        form=PauseForm,
        icon="pause",
        initial=asked_channel,
        available=lambda user, product: _runs(user, product, ListingState.LIVE, ListingState.SCHEDULED),
        is_shown=False,
    )
    def pause_on(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
        """Take it off channels for a while."""
        services.pause_listings(
            product_ids=[obj.pk], sales_channel_ids=_keys(data), reason=data["reason"], actor=actor(request)
        )
        return _("Paused.")

    @service_action(
        pgettext_lazy("listing", "Go on"),
        permission=CHANGE,
        form=ResumeForm,
        icon="play_arrow",
        initial=asked_channel,
        available=lambda user, product: _runs(user, product, ListingState.PAUSED),
        is_shown=False,
    )
    def resume_on(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> Answer:
        """Sell again what was paused."""
        return listed(
            services.resume_listings(product_ids=[obj.pk], sales_channel_ids=_keys(data), actor=actor(request))
        )

    @service_action(
        gettext_lazy("End on a channel"),
        permission=CHANGE,
        form=EndForm,
        icon="block",
        variant="danger",
        question=gettext_lazy("A product that is sold nowhere any more has ended."),
        initial=asked_channel,
        available=lambda user, product: _runs(user, product, *EndForm.states),
        is_shown=False,
    )
    def end_on(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
        """End it on channels."""
        services.end_listings(product_ids=[obj.pk], sales_channel_ids=_keys(data), actor=actor(request))
        return _("Ended there.")

    @service_action(
        gettext_lazy("End sale"),
        permission=CHANGE,
        form=DiscontinueForm,
        icon="block",
        is_rare=True,
        question=gettext_lazy("Stop selling the product everywhere? Orders already placed go on."),
        available=lambda user, product: policies.is_endable(product),
    )
    def end(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
        """Stop selling."""
        services.end_product(
            product_id=obj.pk, replaced_by_id=data["replaced_by"], reason=data["reason"], actor=actor(request)
        )
        return _("%(name)s is no longer sold.") % {"name": obj.name}

    @service_action(
        gettext_lazy("Replacement"),
        permission=CHANGE,
        form=DiscontinueForm,
        icon="swap_horiz",
        is_rare=True,
        available=lambda user, product: product.status == ProductStatus.ENDED,
    )
    def replace(self, request: HttpRequest, obj: Product, data: dict[str, Any]) -> str:
        """Say what takes its place."""
        product = services.replace_product(product_id=obj.pk, replaced_by_id=data["replaced_by"], actor=actor(request))
        if product.replaced_by is None:
            return _("Nothing takes its place.")
        return _("%(product)s takes its place.") % {"product": product.replaced_by}

    @bulk_action(gettext_lazy("Sell on channels"), permission=CHANGE, form=ListForm, icon="storefront", limit=1000)
    def list_selected(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> Answer:
        """Sell many."""
        return listed(
            services.list_products(product_ids=ids, sales_channel_ids=_keys(data), **_dates(data), actor=actor(request))
        )

    @bulk_action(pgettext_lazy("listing", "Pause"), permission=CHANGE, form=PauseForm, icon="pause", limit=1000)
    def pause_selected(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> str:
        """Take many off channels for a while."""
        batch = services.pause_listings(
            product_ids=ids, sales_channel_ids=_keys(data), reason=data["reason"], actor=actor(request)
        )
        return ngettext("%(count)s listing is paused.", "%(count)s listings are paused.", batch.done) % {
            "count": batch.done
        }

    @bulk_action(pgettext_lazy("listing", "Go on"), permission=CHANGE, form=ResumeForm, icon="play_arrow", limit=1000)
    def resume_selected(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> Answer:
        """Sell many again."""
        return listed(services.resume_listings(product_ids=ids, sales_channel_ids=_keys(data), actor=actor(request)))

    @bulk_action(
        gettext_lazy("End on a channel"), permission=CHANGE, form=EndForm, icon="block", variant="danger", limit=1000
    )
    def end_selected(self, request: HttpRequest, ids: list[int], data: dict[str, Any]) -> str:
        """End many."""
        batch = services.end_listings(product_ids=ids, sales_channel_ids=_keys(data), actor=actor(request))
        return ngettext("%(count)s listing has ended.", "%(count)s listings have ended.", batch.done) % {
            "count": batch.done
        }
