"""Who looks at the pages while they are measured."""

from django.test import Client

from staff.models import Role, User
from staff.services import set_user_roles


def manager() -> tuple[User, Client]:
    """Return an EC manager, with exactly that role, and a client logged in as them."""
    user, _made = User.objects.get_or_create(username="bench", defaults={"is_staff": True, "language": "en"})
    set_user_roles(user_id=user.pk, roles=[Role.EC_MANAGER], actor=None)
    client = Client(HTTP_HOST="localhost", raise_request_exception=True)
    client.force_login(user)
    return user, client
