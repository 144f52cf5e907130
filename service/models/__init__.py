"""Everything that customer service keeps."""

from service.models.answer_file import KEPT, AnswerFile, AnswerFileVersion
from service.models.approval import ApprovalDecision, ApprovalGround, ApprovalKind, ApprovalRule, ReplyApproval
from service.models.assignment import (
    AgentProfile,
    AgentSearch,
    Assignment,
    AssignmentMethod,
    AssignmentRule,
    AssignmentWay,
    Availability,
)
from service.models.coupon import Coupon, CouponCode
from service.models.desk import Draft, Presence, Pulse, ReadMark
from service.models.inlet import IN_MALLS, MAILED, Inlet, InletKind, Team
from service.models.macro import Macro, MacroFavourite, MacroHand, MacroStatus, MacroUse
from service.models.mailbox import OWN_MACHINE, AsideMail, AsideReason, Knock, Mailbox, MailSecurity
from service.models.message import (
    NOT_SAID,
    Attachment,
    Direction,
    Message,
    Note,
    Outgoing,
    OutgoingState,
    OutgoingWay,
)
from service.models.reason import ReasonNode, ReasonQuerySet
from service.models.survey import Survey, SurveyState
from service.models.term import Escalation, EscalationStep, MallDeadline, SlaPolicy, Term, TermUnit
from service.models.thread import MallThread
from service.models.ticket import (
    TICKET_TRANSITIONS,
    TO_ANSWER,
    UNSOLVED,
    Ticket,
    TicketOrder,
    TicketProduct,
    TicketQuerySet,
    TicketStatus,
    told_in,
)
from service.models.work import OrderWork, TicketMerge, TicketSplit, WorkKind

__all__ = [
    "IN_MALLS",
    "KEPT",
    "MAILED",
    "NOT_SAID",
    "OWN_MACHINE",
    "TICKET_TRANSITIONS",
    "TO_ANSWER",
    "UNSOLVED",
    "AgentProfile",
    "AgentSearch",
    "AnswerFile",
    "AnswerFileVersion",
    "ApprovalDecision",
    "ApprovalGround",
    "ApprovalKind",
    "ApprovalRule",
    "AsideMail",
    "AsideReason",
    "Assignment",
    "AssignmentMethod",
    "AssignmentRule",
    "AssignmentWay",
    "Attachment",
    "Availability",
    "Coupon",
    "CouponCode",
    "Direction",
    "Draft",
    "Escalation",
    "EscalationStep",
    "Inlet",
    "InletKind",
    "Knock",
    "Macro",
    "MacroFavourite",
    "MacroHand",
    "MacroStatus",
    "MacroUse",
    "MailSecurity",
    "Mailbox",
    "MallDeadline",
    "MallThread",
    "Message",
    "Note",
    "OrderWork",
    "Outgoing",
    "OutgoingState",
    "OutgoingWay",
    "Presence",
    "Pulse",
    "ReadMark",
    "ReasonNode",
    "ReasonQuerySet",
    "ReplyApproval",
    "SlaPolicy",
    "Survey",
    "SurveyState",
    "Team",
    "Term",
    "TermUnit",
    "Ticket",
    "TicketMerge",
    "TicketOrder",
    "TicketProduct",
    "TicketQuerySet",
    "TicketSplit",
    "TicketStatus",
    "WorkKind",
    "told_in",
]
