"""Files that the team keeps: put in by language, checked as uploads are, sent along in the customer's language."""

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from core.errors import InvalidInput, NotAllowed
from core.models import EventRecord
from service import tasks
from service.models import AnswerFile, AnswerFileVersion, Attachment, Draft, Macro, Outgoing, Ticket
from service.services import GivenFile, KeptFile, keep_answer_file, reply_to_ticket
from service.services.forgetting import forget_asker
from service.services.macros import use_macro
from tests.factories import make_customer, make_user
from tests.service.making import WORK, make_agent, make_ticket

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
KEEP = ("service.view_answerfile", "service.change_answerfile")


@pytest.fixture
def keeper():
    return make_user(permissions=[*WORK, *KEEP])


@pytest.fixture
def form(keeper):
    return make_file(keeper, "ko", "ja")


def make_file(keeper, *languages, name="Return form"):
    kept = AnswerFile.objects.create(name=name)
    for language in languages:
        put(kept, language, keeper)
    return kept


def put(kept, language, keeper, content=PDF, **over):
    given = GivenFile(name=f"return-{language}.pdf", content=content + language.encode(), **over)
    return keep_answer_file(answer_file_id=kept.pk, language=language, file=given, actor=keeper)


def send(ticket, agent, *files, **over):
    values = {"body": "Here it is.", "seen_version": 1, "key": f"k{ticket.pk}", **over}
    return reply_to_ticket(ticket_id=ticket.pk, files=files, actor=agent, **values)


def test_it_goes_along_in_the_language_of_the_ticket(form):
    for language, name in (("ko", "return-ko.pdf"), ("ja", "return-ja.pdf")):
        ticket = make_ticket(language=language)
        given = GivenFile(name="photo.pdf", content=PDF)
        owed = send(ticket, make_agent(), given, KeptFile(form.pk), KeptFile(form.pk))
        assert list(owed.message.attachments.values_list("filename", flat=True)) == ["photo.pdf", name]
    Outgoing.objects.update(due_at=timezone.now())
    tasks.send_replies()
    assert sorted(one.attachments[1][0] for one in mail.outbox) == ["return-ja.pdf", "return-ko.pdf"]


def test_without_a_file_in_that_language_nothing_is_written(form):
    ticket = make_ticket(language="en")
    with pytest.raises(InvalidInput, match="No file in English: Return form"):
        send(ticket, make_agent(), KeptFile(form.pk))
    form.is_active = False
    form.save()
    with pytest.raises(InvalidInput):
        send(make_ticket(language="ko"), make_agent(), KeptFile(form.pk))
    assert not Outgoing.objects.exists()
    with pytest.raises(InvalidInput, match="at most 10"):
        send(ticket, make_agent(), *(KeptFile(pk) for pk in range(11)))


@pytest.mark.parametrize("content", [b"", b"MZ" + b"\0" * 200, b"<html><script>1</script></html>"])
def test_what_we_do_not_send_is_not_kept(keeper, content):
    kept = AnswerFile.objects.create(name="Odd")
    with pytest.raises(InvalidInput):
        keep_answer_file(
            answer_file_id=kept.pk, language="ko", file=GivenFile(name="a.pdf", content=content), actor=keeper
        )
    assert not AnswerFileVersion.objects.exists()


def test_who_may_keep_files(keeper):
    kept = AnswerFile.objects.create(name="Form")
    with pytest.raises(NotAllowed):
        put(kept, "ko", make_agent())
    with pytest.raises(InvalidInput):
        put(kept, "xx", keeper)
    put(kept, "ko", keeper)
    assert EventRecord.objects.get(name="service.answer_file_kept").subject_id == kept.pk


def test_another_file_takes_its_place_and_what_was_sent_stays(form, keeper):
    first = send(make_ticket(language="ko"), make_agent(), KeptFile(form.pk)).message.attachments.get()
    put(form, "ko", keeper, PDF + b"2")
    second = send(make_ticket(language="ko"), make_agent(), KeptFile(form.pk)).message.attachments.get()
    assert AnswerFileVersion.objects.filter(language="ko").count() == 1
    assert first.sha256 != second.sha256
    for one in (first, second):
        with default_storage.open(one.file.name) as file:
            assert len(file.read()) == one.size_bytes


def test_forgetting_a_customer_leaves_the_file_to_the_others(form, django_capture_on_commit_callbacks):
    ticket, customer = make_ticket(language="ko"), make_customer()
    Ticket.objects.filter(pk=ticket.pk).update(customer=customer)
    own = GivenFile(name="his.pdf", content=PDF)
    send(ticket, make_agent(), own, KeptFile(form.pk))
    names = list(Attachment.objects.order_by("pk").values_list("file", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        forget_asker(customer_id=customer.pk)
    assert [default_storage.exists(name) for name in names] == [False, True]


def test_a_macro_sends_it_along_or_leaves_it_with_the_draft(form):
    macro = Macro.objects.create(name="Return", body_ko="양식을 보내 드립니다.", body_en="The form.")
    macro.files.add(form)
    agent, ticket, drafted, foreign = make_agent(), make_ticket(), make_ticket(), make_ticket(language="en")

    def use(ticket, **over):
        return use_macro(
            macro_id=macro.pk, ticket_id=ticket.pk, seen_version=1, key=f"m{ticket.pk}", actor=agent, **over
        )

    use(ticket, sends=True)
    assert Attachment.objects.get().filename == "return-ko.pdf"
    use(drafted)
    assert Draft.objects.get().kept_files == [form.pk]
    with pytest.raises(InvalidInput, match="No file in English"):
        use(foreign, sends=True)
    assert Attachment.objects.count() == 1


def test_the_page_offers_them_keeps_the_choice_and_sends(client, form, keeper):
    other = make_file(keeper, "en", name="Only English")
    ticket = make_ticket()
    client.force_login(keeper)
    page, act = f"/admin/inbox/?view=all&ticket={ticket.pk}", reverse("admin:service_act", args=[ticket.pk])
    shown = client.get(page).content.decode()
    assert ("Return form" in shown, "Only English" in shown) == (True, False)
    values = {"do": "draft", "body": "Begun", "version": 1}
    client.post(act, {**values, "has_kept": "1", "kept": form.pk}, headers={"X-Quiet": "1"})
    client.post(act, {**values, "body": "Begun again"}, headers={"X-Quiet": "1"})
    assert (Draft.objects.get().kept_files, Draft.objects.get().body) == ([form.pk], "Begun again")
    assert f'value="{form.pk}" checked' in client.get(page).content.decode()
    refused = {"do": "reply", "body": "Here", "version": 1, "key": "k", "has_kept": "1"}
    assert "Only English." in client.post(act, {**refused, "kept": other.pk}, follow=True).content.decode()
    client.post(act, {**refused, "kept": form.pk})
    assert Attachment.objects.get().filename == "return-ko.pdf"
    assert client.post(act, {**refused, "kept": "x"}).status_code == 400


def test_the_row_page_puts_files_in(client, keeper):
    kept = AnswerFile.objects.create(name="Care")
    client.force_login(keeper)
    url = reverse("admin:service_answerfile_press", args=[kept.pk, "put_in"])
    client.post(url, {"_key": "0" * 32, "language": "ja", "file": SimpleUploadedFile("care.pdf", PDF)})
    assert kept.versions.get().filename == "care.pdf"
    assert "care.pdf" in client.get(reverse("admin:service_answerfile_change", args=[kept.pk])).content.decode()
