"""Who acts in a page."""

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

if TYPE_CHECKING:
    from staff.models import User


def actor(request: HttpRequest) -> "User":
    """Return the colleague behind the request; PermissionDenied for a request without login."""
    user = request.user
    if not isinstance(user, get_user_model()):
        raise PermissionDenied
    return user
