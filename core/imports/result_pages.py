"""The pages of an import that has a file: what was found in it, progress, result, refused rows, reconciliation."""

import csv
import io
from collections import Counter
from typing import Any

from axes.helpers import get_client_ip_address
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core.imports.encoding import CHOICES
from core.imports.filters import RowFilter, chosen_rows
from core.imports.page_rows import Shower, columns_with_fields, shares
from core.imports.pages import OPEN_STATES, ImportPage
from core.imports.reasons import sentence, sentences
from core.imports.screens import page_url, screen_of
from core.imports.selectors import (
    Reconciliation,
    formats_for,
    outcome_counts,
    personal_columns,
    reason_counts,
    reconciliation,
    rows_of,
    sample_rows,
)
from core.imports.targets import MoneyLine, target_of
from core.models import ImportBatch, ImportRow, ImportState, RowOutcome
from core.resources.reading import guard
from core.taking import note_file_taken
from core.ui import actor


class BatchPage(ImportPage):
    """One import as it stands: what was found in the file, the progress, or the result."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page of the import's state."""
        show = self._file if self.batch.state in OPEN_STATES else self._result
        return self.render_to_response(show())

    def get_template_names(self) -> list[str]:
        """Two pages under one address."""
        return ["core/imports/file.html" if self.batch.state in OPEN_STATES else "core/imports/result.html"]

    def _file(self) -> dict[str, Any]:
        batch, shower = self.batch, Shower(self.batch, self.request.user)
        return self.get_context_data(
            problem=sentence(batch.problem) if batch.problem else "",
            columns=columns_with_fields(shower) if batch.columns else [],
            hidden_count=len(batch.columns) - len(shower.places),
            samples=[shower.shown(raw) for _number, raw in sample_rows(batch)] if batch.columns else [],
            encodings=[] if batch.layout.get("kind") == "sheet" else CHOICES,
            formats=formats_for(batch.target),
        )

    def _result(self) -> dict[str, Any]:
        self.step = "result"
        batch = self.batch
        counts = outcome_counts(batch)
        chosen = chosen_rows(self.request.GET, has_refused=bool(counts.get(RowOutcome.REFUSED)))
        page = Paginator(RowFilter(chosen, rows_of(batch)).qs, 50).get_page(self.request.GET.get("p"))
        shower = Shower(batch, self.request.user)
        kinds: Counter[str] = Counter()
        for name, number in _kind_counts(batch):
            kinds[str(target_of(batch.target).kind_label(name)) if name else "–"] += number
        return self.get_context_data(
            shares=shares(counts),
            total=sum(counts.values()),
            refused=counts.get(RowOutcome.REFUSED, 0),
            kinds=kinds.most_common(),
            reasons=[{"text": text, "count": count} for text, count in _reasons(batch)],
            outcome=chosen.get("outcome", ""),
            kind=chosen.get("kind", ""),
            reference=chosen.get("reference", ""),
            query=urlencode({"outcome": "", **chosen}),
            page=page,
            rows=[shower.row(row) for row in page],
            columns=shower.columns,
            problem=sentence(batch.problem) if batch.problem else "",
            links=screen_of(batch.target).results(batch) if batch.state == ImportState.DONE else (),
            progress=progress_of(batch),
        )


def _grouped(batch: ImportBatch) -> Any:
    rows = ImportRow.objects.filter(batch=batch).order_by()
    return rows.values_list("kind", "outcome").annotate(count=Count("pk"))


def _kind_counts(batch: ImportBatch) -> list[tuple[str, int]]:
    counted: Counter[str] = Counter()
    for kind, outcome, count in _grouped(batch):
        if outcome not in {RowOutcome.REFUSED, RowOutcome.PENDING}:
            counted[kind] += count
    return list(counted.items())


class _Dots(dict[str, Any]):
    """Parameters of a reason that stands for many rows."""

    def __missing__(self, key: str) -> str:
        return "…"


def _reasons(batch: ImportBatch) -> list[tuple[str, int]]:
    told: Counter[str] = Counter()
    for code, column, count in reason_counts(batch):
        told[sentence(_Dots(code=code, **({"column": column} if column else {})))] += count
    return told.most_common(12)


def progress_of(batch: ImportBatch) -> dict[str, Any] | None:
    """Return how far a running import is; None when it does not run."""
    if batch.state != ImportState.IMPORTING:
        return None
    job = batch.job
    return {
        "percent": job.percent if job else 0,
        "done": job.done_count if job else 0,
        "total": (job.total_count if job else 0) or batch.row_count,
        "job_url": reverse("admin:core_job_change", args=[job.pk]) if job else "",
        "job_state": job.get_state_display() if job else "",
        "has_failed": bool(job and job.state in {"failed", "cancelled"}),
    }


class ProgressPart(ImportPage):
    """The part of the result page that asks again until the import has ended."""

    template_name = "core/imports/progress_part.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer the bar, or tell the page to load itself anew."""
        if self.batch.state != ImportState.IMPORTING:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return self.render_to_response({"progress": progress_of(self.batch), "urls": {"progress": request.path}})


class RefusedFile(ImportPage):
    """The refused rows with their reasons, to be corrected and uploaded again."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a CSV in UTF-8: the file's own columns and the reason."""
        shower = Shower(self.batch, request.user)
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow([guard(cell) for cell in [*self.batch.columns, "#" + _("row"), "#" + _("reason")]])
        count = 0
        for row in rows_of(self.batch, RowOutcome.REFUSED).iterator(chunk_size=2000):
            count += 1
            reason = " ".join(sentences(row.reason))
            writer.writerow([guard(str(cell)) for cell in [*shower.cells(row.raw), row.number, reason]])
        self._note_taken(count, shower)
        response = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="refused-{self.batch.pk}.csv"'
        response["Cache-Control"] = "private, no-store"
        return response

    def _note_taken(self, count: int, shower: Shower) -> None:
        """Keep it in the download register, unless nothing personal stands in the file or all of it is masked."""
        personal = [self.batch.columns[place] for place in sorted(personal_columns(self.batch) - shower.hidden)]
        if count and personal:
            note_file_taken(
                subject=self.batch, table=pgettext("rows", "Refused rows"), rows=count, columns=personal,
                address=str(get_client_ip_address(self.request) or ""), actor=actor(self.request),
            )  # fmt: skip


class ReconciliationPage(ImportPage):
    """Every row and every minor unit of the file, found again in the tables."""

    template_name = "core/imports/reconciliation.html"
    step = "reconciliation"
    title = gettext_lazy("Reconciliation")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add both sides of the account."""
        if self.batch.state != ImportState.DONE:
            raise Http404
        account = reconciliation(self.batch)
        currencies = dict.fromkeys(line.currency for line in account.lines)
        return super().get_context_data(
            account=account,
            verdicts=[_verdict(account, currency) for currency in currencies],
            lines=[_account_line(self.batch, line) for line in account.lines],
            **kwargs,
        )


def _verdict(account: Reconciliation, currency: str) -> dict[str, Any]:
    money_in, money_out = account.money(currency)
    return {"currency": currency, "money_in": money_in, "money_out": money_out, "agrees": money_in == money_out}


def _account_line(batch: ImportBatch, line: MoneyLine) -> dict[str, Any]:
    """Return a line of the account with the way to its rows."""
    outcome = line.kind if line.kind in RowOutcome.values else ""
    query = f"outcome={outcome}" if outcome else f"kind={line.kind}"
    url = f"{page_url('change', batch.pk)}?{query}#rows" if line.rows_in or line.rows_out else ""
    return {**line.__dict__, "agrees": line.agrees, "url": url}
