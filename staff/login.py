"""Throttled login."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Answer 429 after too many failures: the same page whether or not the account exists."""
    return render(request, "staff/pages/locked_out.html", status=429)
