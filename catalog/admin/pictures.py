"""Pictures of a product: the panel with its check list, adding many at once, moving, and one picture's own page."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from catalog import policies, selectors, services
from catalog.models import Product, ProductImage, Variant
from core.errors import DomainError
from core.ui.acting import actor
from core.ui.sitepages import register_page, render_page
from staff.admin.offering import about_key
from staff.models import Language, TaskKind, User

ACCEPT = "image/png,image/jpeg,image/webp"
MAX_FILES = 20  # at once: each takes up to a second


@dataclass(frozen=True, kw_only=True)
class ShownPicture:
    """One picture as the panel shows it; ``number`` counts from 1, ``facts`` is empty for what was never measured."""

    image: ProductImage
    number: int
    facts: str
    rights_over: bool


def product_pictures(request: HttpRequest, product: Product) -> dict[str, Any]:
    """Give the pictures in their order, what the channels say about the first, and what this person may do."""
    images = list(product.images.select_related("media", "variant"))
    user = actor(request)
    query = urlencode({"about": about_key(product), "kind": TaskKind.PHOTO.value})
    may_ask = user.has_perm("staff.add_task")
    checks = selectors.check_pictures(images=images) if user.has_perm("catalog.view_saleschannel") else []
    return {
        "product": product,
        "pictures": [shown(image, number) for number, image in enumerate(images, start=1)],
        "checks": checks,
        "unfit_count": sum(bool(check.problems) for check in checks),
        "may_add": policies.can_add_pictures(user),
        "may_change": policies.can_change_pictures(user),
        "accept": ACCEPT,
        "most": MAX_FILES,
        "photo_url": f"{reverse('admin:staff_task_request')}?{query}" if may_ask else "",
    }


def shown(image: ProductImage, number: int) -> ShownPicture:
    """Return the picture with its facts in words; touches ``media``."""
    media = image.media
    facts = f"{media} · {media.format.upper()} · {-(-media.size_bytes // 1024):,} KB" if media else ""
    is_over = image.rights_until is not None and image.rights_until < timezone.localdate()
    return ShownPicture(image=image, number=number, facts=facts, rights_over=is_over)


@register_page(
    "catalog/product/<int:product_id>/pictures/", name="catalog_pictures_add", permission="catalog.add_productimage"
)
@require_POST
def add_pictures(request: HttpRequest, product_id: int) -> HttpResponse:
    """Add the posted files one by one, each with its answer, and lead back; a refused one does not stop the others."""
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise Http404
    files = request.FILES.getlist("files")
    if not files:
        messages.warning(request, _("Choose at least one picture."))
    for file in files[:MAX_FILES]:
        _add(request, product, file)
    if len(files) > MAX_FILES:
        messages.warning(request, _("At most %(count)s at once: add the others now.") % {"count": MAX_FILES})
    return HttpResponseRedirect(_page_of(product.pk))


def _add(request: HttpRequest, product: Product, file: "UploadedFile[bytes]") -> None:
    try:
        image = services.add_image(product_id=product.pk, file=file, only_new=True, actor=actor(request))
    except DomainError as error:
        messages.error(request, f"{file.name}: {error}")
    else:
        words = {"name": file.name, "number": image.position + 1}
        messages.success(request, _("“%(name)s” is picture %(number)s now.") % words)


@register_page(
    "catalog/picture/<int:image_id>/move/", name="catalog_picture_move", permission="catalog.change_productimage"
)
@require_POST
def move_picture(request: HttpRequest, image_id: int) -> HttpResponseBase:
    """Move the picture to the posted place (from 0): a drop is answered with JSON, a button leads back."""
    place = request.POST.get("position", "")
    if not (place.isascii() and place.isdigit() and len(place) <= 4):
        raise SuspiciousOperation("no such place")
    product_id = ProductImage.objects.filter(pk=image_id).values_list("product_id", flat=True).first()
    wants_json = request.headers.get("Accept") == "application/json"
    try:
        services.move_image(image_id=image_id, position=int(place), actor=actor(request))
    except DomainError as error:
        if wants_json:
            return JsonResponse({"sentence": str(error)}, status=422)
        messages.error(request, str(error))
    if wants_json:
        return JsonResponse({"sentence": _("The pictures stand in the new order.")})
    return HttpResponseRedirect(_page_of(product_id))


class DescribeForm(forms.Form):
    """Words, variant and rights of one picture."""

    alt_en = forms.CharField(label=gettext_lazy("alternative text (English)"), max_length=200, required=False)
    alt_ko = forms.CharField(label=gettext_lazy("alternative text (Korean)"), max_length=200, required=False)
    alt_ja = forms.CharField(label=gettext_lazy("alternative text (Japanese)"), max_length=200, required=False)
    variant: "forms.ModelChoiceField[Variant]" = forms.ModelChoiceField(
        label=gettext_lazy("variant"),
        queryset=Variant.objects.none(),
        required=False,
        empty_label=gettext_lazy("the whole product"),
    )
    usage_rights = forms.CharField(label=gettext_lazy("usage rights"), max_length=200, required=False)
    rights_until = forms.DateField(
        label=gettext_lazy("rights until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: Any, *, image: ProductImage) -> None:
        kept = {"variant": image.variant_id, "usage_rights": image.usage_rights, "rights_until": image.rights_until}
        texts = {f"alt_{key}": getattr(image, f"alt_text_{key}") for key in Language.values}
        super().__init__(data, initial={**kept, **texts})
        choice: Any = self.fields["variant"]
        choice.queryset = image.product.variants.order_by("sku")
        choice.label_from_instance = lambda variant: f"{variant.sku} {variant.name}".strip()


@register_page("catalog/picture/<int:image_id>/", name="catalog_picture", permission="catalog.view_product")
@require_http_methods(["GET", "HEAD", "POST"])
def picture_page(request: HttpRequest, image_id: int) -> HttpResponseBase:
    """GET shows the picture large with its words; POST describes, replaces or removes it, or says why not."""
    image = ProductImage.objects.select_related("media", "variant", "product").filter(pk=image_id).first()
    if image is None:
        raise Http404
    user = actor(request)
    form = DescribeForm(request.POST if request.POST.get("do") == "describe" else None, image=image)
    if request.method == "POST":
        command = _COMMANDS.get(request.POST.get("do", ""))
        if command is None:
            raise SuspiciousOperation("no such command")
        try:
            sentence = command(request, image, form, user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            if sentence:
                messages.success(request, sentence)
                return HttpResponseRedirect(_page_of(image.product_id))
    return _render(request, image, form, user)


def _render(request: HttpRequest, image: ProductImage, form: DescribeForm, user: User) -> HttpResponse:
    before = image.product.images.filter(position__lt=image.position).count()
    return render_page(
        request,
        "catalog/pages/picture.html",
        title=_("Picture %(number)s of %(product)s") % {"number": before + 1, "product": image.product},
        picture=shown(image, before + 1),
        form=form,
        back=_page_of(image.product_id),
        accept=ACCEPT,
        may_add=policies.can_add_pictures(user),
        may_change=policies.can_change_pictures(user),
        may_remove=policies.can_remove_pictures(user),
    )


def _describe(_request: HttpRequest, image: ProductImage, form: DescribeForm, user: User) -> str:
    if not form.is_valid():
        return ""
    data = form.cleaned_data
    services.describe_image(
        image_id=image.pk,
        alt_texts={key: data[f"alt_{key}"] for key in Language.values},
        usage_rights=data["usage_rights"],
        rights_until=data["rights_until"],
        actor=user,
    )
    variant = data["variant"]
    services.assign_image(image_id=image.pk, variant_id=variant.pk if variant else None, actor=user)
    return _("The picture is described.")


def _replace(request: HttpRequest, image: ProductImage, _form: DescribeForm, user: User) -> str:
    file = request.FILES.get("file")
    if file is None:
        messages.warning(request, _("Choose at least one picture."))
        return ""
    services.replace_image(image_id=image.pk, file=file, alt_text="", actor=user)
    return _("The picture is replaced.")


def _remove(request: HttpRequest, image: ProductImage, _form: DescribeForm, user: User) -> str:
    services.remove_image(image_id=image.pk, reason=request.POST.get("reason", "")[:500], actor=user)
    return _("The picture is removed.")


_COMMANDS = {"describe": _describe, "replace": _replace, "remove": _remove}


def _page_of(product_id: int | None) -> str:
    if product_id is None:
        return reverse("admin:catalog_product_changelist")
    return reverse("admin:catalog_product_change", args=[product_id]) + "#panel-pictures"
