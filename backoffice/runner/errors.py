"""What keeps the runner from starting, each as one sentence with its remedy."""

from django.core.management.base import CommandError


class RunnerError(CommandError):
    """The runner cannot start; nothing was started, or everything is stopped again."""
