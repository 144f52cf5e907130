"""Articles that fit a conversation while one answers: found by what the customer wrote and what is typed."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from core.ui.sitepages import register_page
from knowledge.selectors.reading import public_url, suggest_articles
from service.models import Direction, Message, Ticket

SHOWN = 3
TYPED = 200  # of what is typed the end counts
LONGEST = 4000  # nobody puts more than this into an answer; longer articles give their address


@dataclass(frozen=True)
class Fitting:
    """One article with what goes into the answer; a colleague's article gives nothing to a customer."""

    title: str
    article_id: int
    link: str
    text: str


@register_page("inbox/<int:pk>/articles/", name="service_articles", permission="service.work_on_ticket")
@require_POST
def fitting_articles(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show published articles in the ticket’s language that fit; words come in the body, so that no log has them."""
    ticket = get_object_or_404(Ticket.objects.only("pk", "language", "subject"), pk=pk)
    typed = request.POST.get("body", "")[-TYPED:].strip()
    told = Message.objects.filter(ticket=ticket, direction=Direction.INBOUND).order_by("-pk")
    asked = told.values_list("body", flat=True).first() or ""
    found = suggest_articles(words=f"{typed} {ticket.subject} {asked[:2000]}", language=ticket.language)
    rows = [
        Fitting(
            title=row.edition.title,
            article_id=row.edition.article_id,
            link=f"{row.edition.title}\n{public_url(row.edition)}" if row.is_public else "",
            text=row.edition.body if row.is_public and len(row.edition.body) <= LONGEST else "",
        )
        for row in found[:SHOWN]
    ]
    context = {"rows": rows, "may_read": request.user.has_perm("knowledge.view_article")}
    return render(request, "service/components/fitting.html", context)
