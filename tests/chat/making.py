"""A chat of a site."""

from typing import Any

from chat.models import Widget
from service.models import InletKind
from tests.service.making import make_inlet

SITE = "https://shop.example"


def make_widget(**over: Any) -> Widget:
    """Make a chat that one site may embed."""
    inlet = over.pop("inlet", None) or make_inlet(code="shop", kind=InletKind.CHAT, name="Hanok Shop", language="en")
    return Widget.objects.create(**{"inlet": inlet, "origins": [SITE], **over})
