"""Work by the clock. Each task may run twice or late: rows remember what is owed."""

import logging
from smtplib import SMTPException, SMTPRecipientsRefused

from celery import shared_task
from django.utils import timezone

from core.schedule import Daily, Every, periodic
from service.adapters.imap import Box, MailboxError, open_box
from service.adapters.mail import reply_mail, survey_mail
from service.services.assigning import hand_over_of_absent, place_waiting
from service.services.ending import close_silent_tickets
from service.services.intake.fetching import (
    Fetch,
    claim_mailbox,
    note_position,
    record_mailbox_checked,
    record_mailbox_failed,
    tell_of_silent_inlets,
)
from service.services.intake.knocking import forget_knocks
from service.services.intake.mails import LARGEST, note_too_large, take_mail
from service.services.quiet.reminding import remind_silent_customers, resolve_silent_tickets
from service.services.quiet.snoozing import wake_tickets
from service.services.sending import (
    OwedReply,
    claim_reply,
    record_chat_replies_shown,
    record_reply_failed,
    record_reply_sent,
)
from service.services.surveying import claim_survey, record_survey_sent, survey_url
from service.services.terms.escalating import escalate_tickets, refresh_legal_dues

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 200  # of one run; the next one goes on


@shared_task(name="service.send_replies")
def send_replies() -> int:
    """Send the answers that are due and return how many were tried; repeating finds what is still owed.

    Killed in the middle, it has sent at most one answer that goes out once more, with the same Message-ID.
    """
    record_chat_replies_shown(now=timezone.now())
    tried = 0
    while tried < MOST_AT_ONCE and (owed := claim_reply(now=timezone.now())):
        _send(owed)
        tried += 1
    return tried


def _send(owed: OwedReply) -> None:
    try:
        reply_mail(owed.message).send()
    except (SMTPException, OSError, ValueError) as failure:
        error = type(failure).__name__  # its text may hold the address
        logger.warning("answer failed outgoing=%s error=%s", owed.outgoing_id, error)
        is_final = isinstance(failure, SMTPRecipientsRefused) and _is_permanent(failure)
        record_reply_failed(outgoing_id=owed.outgoing_id, error=error, is_final=is_final)
        return
    record_reply_sent(outgoing_id=owed.outgoing_id)


def _is_permanent(refused: SMTPRecipientsRefused) -> bool:
    return all(code >= 500 for code, _text in refused.recipients.values())


@shared_task(name="service.close_silent_tickets")
def close_tickets() -> int:
    """Close resolved tickets to which nobody came back as long as their inlet says; repeating finds nothing to do."""
    closed = 0
    while count := close_silent_tickets():
        closed += count
    return closed


@shared_task(name="service.send_surveys")
def send_surveys() -> int:
    """Send the surveys that are due and return how many were tried; repeating finds what is still owed.

    Killed between mail server and mark, one survey goes out once more, with the same address and Message-ID.
    """
    tried = 0
    while tried < MOST_AT_ONCE and (owed := claim_survey(now=timezone.now())):
        tried += 1
        try:
            survey_mail(owed.survey, recipient=owed.recipient, url=survey_url(owed.survey)).send()
        except (SMTPException, OSError, ValueError) as failure:
            logger.warning("survey failed survey=%s error=%s", owed.survey.pk, type(failure).__name__)
            continue
        record_survey_sent(survey_id=owed.survey.pk)
    return tried


@shared_task(name="service.fetch_mails")
def fetch_mails() -> int:
    """Fetch every box that is due and return how many boxes; a mail that is fetched twice is taken in once.

    Killed in the middle, a box stays claimed for ten minutes and goes on where it was.
    """
    count = 0
    while count < MOST_AT_ONCE and (fetch := claim_mailbox(now=timezone.now())):
        _fetch(fetch)
        count += 1
    return count


def _fetch(fetch: Fetch) -> None:
    if not fetch.access.password:
        record_mailbox_failed(fetch=fetch, reason="no password")
        return
    try:
        with open_box(fetch.access) as box:
            is_more = _read_box(fetch, box)
    except MailboxError as failure:
        logger.warning("mailbox failed mailbox=%s reason=%s", fetch.mailbox_id, failure.reason)
        record_mailbox_failed(fetch=fetch, reason=failure.reason)
        return
    record_mailbox_checked(fetch=fetch, is_more=is_more)


def _read_box(fetch: Fetch, box: Box) -> bool:
    """Take in what is new, and tell whether there is more; a box that was numbered anew is read from its start."""
    after = fetch.last_uid if box.uid_validity == fetch.uid_validity else 0
    uids = box.uids(after=after, since=fetch.since)
    for uid in uids[:MOST_AT_ONCE]:
        _take(fetch, box, uid)
        if not note_position(fetch=fetch, uid_validity=box.uid_validity, uid=uid):
            return False  # somebody else has the box by now
    return len(uids) > MOST_AT_ONCE


def _take(fetch: Fetch, box: Box, uid: int) -> None:
    size = box.size_of(uid)
    if size is not None and size > LARGEST:
        head = box.raw_of(uid, head_only=True) or b""
        note_too_large(inlet_id=fetch.inlet_id, head=head, external_id=f"uid:{box.uid_validity}:{uid}")
    elif raw := box.raw_of(uid):
        take_mail(inlet_id=fetch.inlet_id, raw=raw)


@shared_task(name="service.tell_of_silent_inlets")
def tell_of_silence() -> int:
    """Tell who directs of mailboxes nobody looks into; each silence is told once."""
    return tell_of_silent_inlets(now=timezone.now())


@shared_task(name="service.forget_knocks")
def forget_old_knocks() -> int:
    """Delete old counts of senders; repeating finds none."""
    return forget_knocks()


@shared_task(name="service.escalate_tickets")
def escalate() -> int:
    """Tell of tickets that are due soon or late; a step is logged once for each due moment, so that it rings once."""
    return escalate_tickets(now=timezone.now())


@shared_task(name="service.wake_tickets")
def wake() -> int:
    """Bring snoozed tickets back whose time has come; repeating finds none."""
    woken = 0
    while count := wake_tickets(now=timezone.now()):
        woken += count
    return woken


@shared_task(name="service.follow_silence")
def follow_silence() -> int:
    """Remind customers who owe us an answer, and resolve what stays silent; a silence is reminded of once.

    Killed in the middle, the next run goes on: each ticket is one transaction.
    """
    now = timezone.now()
    return remind_silent_customers(now=now) + resolve_silent_tickets(now=now)


@shared_task(name="service.refresh_legal_dues")
def refresh_legal() -> int:
    """Bring the legal deadlines beside tickets up to date; repeating finds nothing to do."""
    return refresh_legal_dues()


@shared_task(name="service.assign_waiting")
def assign_waiting() -> int:
    """Hand over the tickets of who is away, and give out what waits; repeating finds only what is left."""
    return hand_over_of_absent() + place_waiting()


periodic("service.assign_waiting", Every(60))
periodic("service.escalate_tickets", Every(60))
periodic("service.wake_tickets", Every(60))
periodic("service.follow_silence", Daily(hour=1, minute=10))  # in the morning of those who read it
periodic("service.refresh_legal_dues", Every(900))
periodic("service.send_replies", Every(10))
periodic("service.fetch_mails", Every(60))
periodic("service.tell_of_silent_inlets", Every(900))
periodic("service.forget_knocks", Daily(hour=19, minute=5))
periodic("service.close_silent_tickets", Daily(hour=18, minute=55))
periodic("service.send_surveys", Every(60))
