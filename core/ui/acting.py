"""Who acts in a page."""

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest

if TYPE_CHECKING:
    from staff.models import User


def actor(request: HttpRequest) -> "User":
    """Return the colleague behind the request; every page of the admin has one."""
    return cast("User", request.user)
