"""What the pages about personal data ask."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from privacy.models import AccessReason


class RevealForm(forms.Form):
    """Why somebody has to see it in full."""

    reason = forms.ChoiceField(label=pgettext_lazy("access", "why"), choices=AccessReason.choices)
    note = forms.CharField(
        label=pgettext_lazy("access", "note"),
        max_length=300,
        required=False,
        help_text=_("A ticket's or order's number helps who reviews this later."),
    )


class ReviewForm(forms.Form):
    """What was found."""

    finding = forms.CharField(
        label=_("finding"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text=_("What you looked at, whom you asked, what follows from it."),
    )
