"""A proposal's figures in sentences, line by line, in the reader's language."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.money import format_money
from purchasing.models import ReorderProposal


def explain(proposal: ReorderProposal, *, costs: bool = True) -> list[str]:
    """Return why so many are proposed: demand, lead time, safety, what is there and comes, packs, how long it lasts.

    Without ``costs`` no price is told.
    """
    figures = proposal.figures
    if not figures:
        return []
    return [
        *_level(figures),
        *_position(figures),
        *_quantity(figures, proposal, costs=costs),
        *_until(figures, proposal),
    ]


def _number(value: float) -> str:
    if value == int(value):
        return number_format(int(value), use_l10n=True, force_grouping=True)
    return number_format(value, decimal_pos=1, use_l10n=True, force_grouping=True)


def _day(value: date) -> str:
    return date_format(value, "SHORT_DATE_FORMAT")


def _level(figures: Mapping[str, Any]) -> Iterator[str]:
    if not figures["is_known"]:
        yield _("Too little was sold for a forecast.")
    elif figures["daily"]:
        yield _("Sells %(daily)s a day, give or take %(deviation)s.") % {
            "daily": _number(figures["daily"]),
            "deviation": _number(figures["deviation"]),
        }
    if figures["is_fixed"]:
        yield _("Reorder point fixed by hand: %(point)s.") % {"point": _number(figures["reorder_point"])}
        return
    yield _lead_time(figures)
    if figures.get("lumps"):
        yield from _lumps(figures)
        return
    yield _("For a service level of %(percent)s %% the safety stock is %(safety)s; the reorder point is %(point)s.") % {
        "percent": _number(figures["percent"]),
        "safety": _number(figures["safety"]),
        "point": _number(figures["reorder_point"]),
    }


def _lumps(figures: Mapping[str, Any]) -> Iterator[str]:
    """Say how the reorder point of uneven demand follows from the days of the last year."""
    days, least, most = figures["lumps"]
    told = ngettext(
        "It sells in lumps: on %(count)d day of the last year, %(least)s to %(most)s pieces at once.",
        "It sells in lumps: on %(count)d days of the last year, %(least)s to %(most)s pieces at once.",
        days,
    )
    yield told % {"count": days, "least": _number(least), "most": _number(most)}
    yield _(
        "Such days add up to no more than %(point)s in %(percent)s %% of all lead times: that is the reorder point. "
        "On average it is %(expected)s, so %(safety)s are safety stock."
    ) % {
        "point": _number(figures["reorder_point"]),
        "percent": _number(figures["percent"]),
        "expected": _number(round(figures["daily"] * figures["lead_days"], 1)),
        "safety": _number(figures["safety"]),
    }


def _lead_time(figures: Mapping[str, Any]) -> str:
    days = _number(figures["lead_days"])
    if not figures["lead_count"]:
        return _("An order takes %(days)s days, as agreed.") % {"days": days}
    told = ngettext(
        "An order takes %(days)s ± %(deviation)s days, measured on %(count)d delivery.",
        "An order takes %(days)s ± %(deviation)s days, measured on %(count)d deliveries.",
        figures["lead_count"],
    )
    return told % {"days": days, "deviation": _number(figures["lead_deviation"]), "count": figures["lead_count"]}


def _position(figures: Mapping[str, Any]) -> Iterator[str]:
    parts = [_("%(count)s available") % {"count": _number(figures["available"])}]
    for reference, pieces, day in figures["incoming"]:
        words = {"count": _number(pieces), "document": reference}
        if day:
            words["day"] = _day(date.fromisoformat(day))
            parts.append(_("+ %(count)s from %(document)s on %(day)s") % words)
        else:
            parts.append(_("+ %(count)s from %(document)s, no day known") % words)
    if figures["drafted"]:
        parts.append(_("+ %(count)s on orders not sent yet") % {"count": _number(figures["drafted"])})
    if figures["waiting"]:
        parts.append(_("− %(count)s that customers wait for") % {"count": _number(figures["waiting"])})
    yield f"{' '.join(parts)} = {_number(figures['position'])}"


def _quantity(figures: Mapping[str, Any], proposal: ReorderProposal, *, costs: bool) -> Iterator[str]:
    if "filled_up_days" in figures:
        told = ngettext(
            "Added to reach the supplier's minimum order: it falls to its reorder point in %(count)d day.",
            "Added to reach the supplier's minimum order: it falls to its reorder point in %(count)d days.",
            figures["filled_up_days"],
        )
        yield told % {"count": figures["filled_up_days"]}
    yield _("Up to %(up_to)s pieces: %(wanted)s are missing.") % {
        "up_to": _number(figures["order_up_to"]),
        "wanted": _number(figures["wanted"]),
    }
    notes = figures["notes"]
    if "minimum" in notes:
        yield _("The supplier's minimum is %(count)s.") % {"count": _number(figures["minimum"])}
    if figures["pack_size"] > 1:
        packs = proposal.quantity // figures["pack_size"]
        told = ngettext("%(packs)s pack of %(size)s.", "%(packs)s packs of %(size)s.", packs)
        yield told % {"packs": _number(packs), "size": _number(figures["pack_size"])}
    if "shelf_life" in notes:
        yield _("No more than sells before it expires.")
    if costs and "price_break" in notes and proposal.item and figures["unit_price"] is not None:
        price = format_money(figures["unit_price"], proposal.item.supplier.currency)
        yield _("From %(count)s pieces on one costs %(price)s: all of them cost less than the fewer would.") % {
            "count": _number(proposal.quantity),
            "price": price,
        }
    if proposal.item is None:
        yield _("No supplier is known for it. Add it to a supplier's items.")


def _until(figures: Mapping[str, Any], proposal: ReorderProposal) -> Iterator[str]:
    if figures["lasts_days"]:
        told = ngettext("That lasts %(count)d day.", "That lasts %(count)d days.", figures["lasts_days"])
        yield told % {"count": figures["lasts_days"]}
    if proposal.runs_out_on and proposal.order_by:
        yield _("Without it the stock runs out on %(day)s; to arrive before, it is ordered by %(last)s.") % {
            "day": _day(proposal.runs_out_on),
            "last": _day(proposal.order_by),
        }
