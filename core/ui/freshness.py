"""A page knows the row it was opened on; a save on top of somebody else's change is refused and shows both values."""

import hashlib
import json
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.signing import BadSignature, Signer
from django.db.models import Model
from django.db.models.fields.files import FieldFile
from django.forms import ModelForm
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

TOKEN = "_opened"  # noqa: S105 the name of a form field
_signer = Signer(salt="core.ui.freshness")


def _digest(value: Any) -> str:
    if isinstance(value, Model):
        value = value.pk
    if isinstance(value, FieldFile):
        value = value.name or ""
    if value is None or value == "":
        return ""
    return hashlib.sha256(str(value).encode()).hexdigest()[:16]


def _columns(form: "ModelForm[Any]") -> list[str]:
    names = {field.name for field in form._meta.model._meta.concrete_fields}
    return [name for name in form.fields if name in names]


def _state(form: "ModelForm[Any]", obj: Model) -> dict[str, str]:
    return {name: _digest(_value(obj, name)) for name in _columns(form)}


def _value(obj: Model, name: str) -> Any:
    field: Any = obj._meta.get_field(name)
    return getattr(obj, field.attname)


def token_for(form: "ModelForm[Any]", obj: Model, *, opened: dict[str, str] | None = None) -> str:
    """Return the signed state of the row's form columns: as opened, and as last seen by the user."""
    seen = _state(form, obj)
    return _signer.sign(json.dumps([str(obj.pk), opened or seen, seen], separators=(",", ":")))


class FreshnessMixin:
    """Form mixin: ``clean`` compares the posted token with the row, which the caller has locked and loaded just now."""

    row_now: dict[str, str] | None = None
    opened: dict[str, str] = {}
    fresh_token = ""
    refusal: str = ""

    def clean(self) -> Any:
        """Refuse when a column of this form changed since the page was opened.

        Runs before the posted values are written into the instance, which is therefore still the row as it stands.
        """
        form: Any = self
        cleaned = super().clean()  # type: ignore[misc]
        if self.refusal:
            form.add_error(None, self.refusal)
        if form.instance.pk is None or not form.fields:
            return cleaned
        self.row_now = _state(form, form.instance)
        self.fresh_token = token_for(form, form.instance)
        try:
            pk, opened, seen = json.loads(_signer.unsign(form.data.get(TOKEN, "")))
        except (BadSignature, ValueError):
            pk, opened, seen = "", {}, {}
        if pk != str(form.instance.pk):
            form.add_error(None, _("The page was too old to be saved. Look at it again, then save."))
            return cleaned
        self.opened = opened
        self.fresh_token = token_for(form, form.instance, opened=opened)
        changed = [name for name, digest in self.row_now.items() if digest != seen.get(name, digest)]
        if changed:
            form.add_error(None, self._both_values(changed))
        form.__dict__["changed_data"] = [name for name in form.changed_data if self._touched(name)]
        return cleaned

    def _touched(self, name: str) -> bool:
        """Tell whether the user changed this column: an old value left standing over a newer one is no change."""
        form: Any = self
        value = form.cleaned_data.get(name)
        if not self.row_now or name not in self.row_now or isinstance(value, UploadedFile):
            return True
        posted = _digest(value)
        if posted == self.row_now[name]:
            return False
        return self.opened.get(name) == self.row_now[name] or posted != self.opened.get(name)

    def _both_values(self, names: list[str]) -> Any:
        form: Any = self
        rows = (
            (form.fields[name].label or name, _shown(form.instance, name), _text(form.cleaned_data.get(name)))
            for name in names
        )
        sentence = _("Somebody else changed this meanwhile. Save again to put your values over theirs:")
        both = format_html_join("", "<br><strong>{}</strong>: {} → {}", rows)
        return format_html("{}{}", sentence, both)


def _shown(obj: Model, name: str) -> str:
    display = getattr(obj, f"get_{name}_display", None)
    return str(display()) if display else _text(getattr(obj, name))


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return " / ".join(str(text) for text in value.values()) or "—"
    return "—" if value is None or value == "" else str(value)
