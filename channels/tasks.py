"""The only place that talks with malls. Rows remember what is owed, so that each task may run twice or late."""

import logging
from contextlib import closing

from celery import shared_task
from django.utils import timezone
from django.utils.translation import override

from channels.adapters.asking import WRONG_KEYS, AskedMall, Mall
from channels.adapters.choosing import TROUBLE, open_mall, problem_of
from channels.services.connecting import INLETS
from channels.services.talking import (
    Talk,
    claim_connection,
    is_to_be_asked,
    keep_lease,
    note_asked,
    note_read,
    record_talk,
    record_talk_failed,
    tell_of_ending_keys,
    window,
)
from core.asking import RefusedError, UnansweredError
from core.errors import DomainError
from core.schedule import Daily, Every, periodic
from service.models import Inlet, InletKind, MallThread
from service.services.intake.filing import take_shown
from service.services.sending import OwedReply, claim_reply, record_reply_failed, record_reply_sent
from shipping.services.notices.pushing import MOST_AT_ONCE, push_notices

logger = logging.getLogger(__name__)
MOST_CONNECTIONS = 100  # of one run; the next one goes on
MOST_ROUNDS = 50


@shared_task(name="channels.talk_with_malls")
def talk_with_malls() -> int:
    """Talk with every mall that is due and return how many: tell parcels, hand over answers, read questions.

    Killed in the middle, a connection stays claimed for ten minutes; what was not noted is asked again.
    """
    count = 0
    while count < MOST_CONNECTIONS and (talk := claim_connection(now=timezone.now())):
        _talk(talk)
        count += 1
    return count


def _talk(talk: Talk) -> None:
    try:
        # what we say ourselves of parcels and answers is read by who works for this channel
        with override(talk.connection.sales_channel.language), closing(open_mall(talk.connection)) as mall:
            _go_through(talk, mall)
    except TROUBLE as trouble:
        problem, word = problem_of(trouble)
        logger.warning("mall failed connection=%s problem=%s", talk.connection.pk, problem.value)
        record_talk_failed(talk, problem=problem, word=word)
    else:
        record_talk(talk)


def _go_through(talk: Talk, mall: Mall) -> None:
    if talk.connection.tells_shipments:
        _tell_parcels(talk, mall)
    if not isinstance(mall, AskedMall):
        return
    inlets = [(kind, getattr(talk.connection, name)) for kind, name in INLETS.items() if kind in mall.ASKS]
    for kind, inlet in inlets:
        if inlet is not None:
            _hand_over_answers(talk, mall, kind, inlet)
    if is_to_be_asked(talk):
        for kind, inlet in inlets:
            if inlet is not None and inlet.is_active:  # a closed one still answers what it has taken
                _read_questions(talk, mall, kind, inlet)
        note_asked(talk)


def _tell_parcels(talk: Talk, mall: Mall) -> None:
    """Tell of what is owed; what the mall leaves unanswered waits for the next talk."""
    for _round in range(MOST_ROUNDS):
        told = push_notices(sales_channel_id=talk.connection.sales_channel_id, tell=mall.tell)
        if told < MOST_AT_ONCE or not keep_lease(talk):
            return


def _hand_over_answers(talk: Talk, mall: AskedMall, kind: InletKind, inlet: Inlet) -> None:
    while keep_lease(talk) and (owed := claim_reply(now=timezone.now(), mall_inlet_id=inlet.pk)):
        try:
            _hand_over(mall, kind, owed)
        except UnansweredError as failure:
            record_reply_failed(outgoing_id=owed.outgoing_id, error=str(failure))
            raise  # the next answers would fare no better
        except RefusedError as failure:
            is_ours = failure.http_status in WRONG_KEYS  # the keys are wrong, not the answer
            record_reply_failed(outgoing_id=owed.outgoing_id, error=failure.code, is_final=not is_ours)
            if is_ours:
                raise
        else:
            record_reply_sent(outgoing_id=owed.outgoing_id)


def _hand_over(mall: AskedMall, kind: InletKind, owed: OwedReply) -> None:
    number = MallThread.objects.values_list("number", flat=True).get(head=owed.message.in_reply_to)
    text, since = owed.message.body, owed.message.at
    if not (owed.is_repeated and mall.is_answered(kind, number=number, text=text, since=since)):
        mall.answer(kind, number=number, text=text)


def _read_questions(talk: Talk, mall: AskedMall, kind: InletKind, inlet: Inlet) -> None:
    since, until = window(talk, kind, overlap=mall.OVERLAP, reread=mall.REREAD)
    for count, message in enumerate(mall.questions(kind, since=since, until=until), start=1):
        try:
            take_shown(inlet_id=inlet.pk, message=message)
        except DomainError:
            logger.warning("question left out connection=%s number=%s", talk.connection.pk, message.thread)
        if count % 50 == 0 and not keep_lease(talk):
            return
    note_read(talk, kind, inlet.pk)


@shared_task(name="channels.tell_of_ending_keys")
def tell_of_keys() -> int:
    """Tell who keeps connections which keys end soon; each is told twice at most."""
    return tell_of_ending_keys(now=timezone.now())


periodic("channels.talk_with_malls", Every(60))
periodic("channels.tell_of_ending_keys", Daily(hour=23, minute=20))
