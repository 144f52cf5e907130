"""What a macro does, in words."""

from typing import Any

from django.utils.translation import gettext as _

from service.models import Macro, MacroHand


def done_by(macro: Macro) -> list[Any]:
    """Return one sentence for each thing that the macro does besides its words."""
    hand = macro.colleague if macro.hand == MacroHand.COLLEAGUE else macro.get_hand_display()
    role = macro.get_task_role_display()
    told = (
        (macro.tags, _("tags: %(tags)s") % {"tags": ", ".join(macro.tags)}),
        (macro.team_id, _("team: %(team)s") % {"team": macro.team}),
        (macro.hand, _("goes to %(who)s") % {"who": hand}),
        (macro.coupon_id, _("gives the coupon “%(coupon)s”") % {"coupon": macro.coupon}),
        (macro.note, _("writes an internal note")),
        (macro.task_title, _("task for %(role)s: %(title)s") % {"role": role, "title": macro.task_title}),
        (macro.return_reason_id, _("opens a return: %(reason)s") % {"reason": macro.return_reason}),
        (macro.status, _("the ticket %(what)s") % {"what": macro.get_status_display()}),
        (macro.reason_id, _("reason: %(reason)s") % {"reason": macro.reason}),
    )
    return [sentence for is_told, sentence in told if is_told]
