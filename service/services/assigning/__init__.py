"""Tickets find their agents: by rules, by who is there, by who has room."""

from service.services.assigning.availability import set_availability
from service.services.assigning.placing import hand_over_of_absent, place_waiting, seek_agent
from service.services.assigning.ruling import RuleDraft, save_assignment_rule

__all__ = [
    "RuleDraft",
    "hand_over_of_absent",
    "place_waiting",
    "save_assignment_rule",
    "seek_agent",
    "set_availability",
]
