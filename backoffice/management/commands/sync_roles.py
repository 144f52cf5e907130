"""Carry the table of roles into the database."""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.core.management.base import BaseCommand, CommandError

from backoffice.roles import permission_table
from core.errors import DomainError
from staff.services import sync_roles


class Command(BaseCommand):
    """Make the groups of the roles and give each exactly its permissions; safe to repeat, other groups stay."""

    help = "Create or update the roles (groups) and their permissions. Run after migrate; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make missing permissions first: `migrate` may have been stopped before its last step."""
        for config in apps.get_app_configs():
            create_permissions(config, verbosity=0)
        try:
            changed = sync_roles(roles=permission_table())
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Roles changed: {', '.join(changed)}." if changed else "All roles are as they should be.")
