"""Throttled login."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(request: HttpRequest, *_response_and_credentials: Any, **_more: Any) -> HttpResponse:
    """Answer 429 after too many failures: the same page whether or not the account exists."""
    return render(request, "staff/pages/locked_out.html", admin.site.each_context(request), status=429)


def client_address(request: HttpRequest) -> str:
    """Return the address that failures are counted by.

    X-Forwarded-For is written by anyone; only its last entry comes from our own proxy, and only where there is one.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_TLS_PROXY else ""
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
