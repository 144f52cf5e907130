"""The invented colleagues, one for each role, and how to log in as them."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.utils.crypto import salted_hmac

from backoffice.demo.vocabulary import load
from backoffice.roles import permission_table
from staff.models import Role, User
from staff.services import set_user_roles, sync_roles


@dataclass(frozen=True, slots=True)
class Login:
    """How to come in as one role; no password when its owner has changed it."""

    role: str
    username: str
    password: str
    language: str
    name: str


def demo_password() -> str:
    """Return this installation's demo password: it follows from the secret key, so it is the same at every start."""
    digest = salted_hmac("backoffice.demo", "password", algorithm="sha256").digest()
    letters = base64.b32encode(digest).decode().lower()[:15]
    return "-".join(letters[place : place + 5] for place in range(0, 15, 5))


def hire_colleagues() -> None:
    """Make the roles, and one user for each of them."""
    sync_roles(roles=permission_table())
    for entry in load("shop")["staff"]:
        hire(entry)


def hire(entry: Mapping[str, Any]) -> User:
    """Make one colleague with the demo's password and one role."""
    user = User.objects.create(
        username=entry["username"],
        email=f"{entry['username']}@example.com",
        password=_encoded(),
        first_name=entry["given"],
        last_name=entry["family"],
        language=entry["language"],
        time_zone=entry["time_zone"],
        is_staff=True,
    )
    return set_user_roles(user_id=user.pk, roles=[entry["role"]])


@cache
def _encoded() -> str:
    """Return the password's hash, once for all: it is the same password, and the hash is slow on purpose."""
    return make_password(demo_password())


def colleagues() -> Mapping[str, User]:
    """Return the demo's users by user name."""
    names = [entry["username"] for entry in load("shop")["staff"]]
    return {user.username: user for user in User.objects.filter(username__in=names)}


def logins() -> list[Login]:
    """Return one login for each role, in the order of the roles."""
    users = colleagues()
    entries: dict[str, Mapping[str, Any]] = {entry["role"]: entry for entry in load("shop")["staff"]}
    password = demo_password()
    is_ours = {encoded: check_password(password, encoded) for encoded in {user.password for user in users.values()}}
    found = []
    for role in Role.values:
        user = users.get(entries[role]["username"])
        if user is not None and user.is_active:
            shown = password if is_ours[user.password] else ""
            found.append(Login(role, user.username, shown, user.language, str(user)))
    return found


def table(found: list[Login]) -> list[str]:
    """Return the logins as lines of text: user name, role, language; the password stands once above."""
    if not found:
        return ["No demo logins are left."]
    ours = next((login.password for login in found if login.password), "")
    lines = [f"Password of all demo logins: {ours}" if ours else "All demo passwords were changed.", ""]
    lines.append(f"  {'user name':<14}{'role':<18}{'language':<10}")
    for login in found:
        remark = "" if login.password else "(password changed)"
        lines.append(f"  {login.username:<14}{login.role.replace('_', ' '):<18}{login.language:<10}{remark}".rstrip())
    return lines
