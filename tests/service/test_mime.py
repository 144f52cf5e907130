"""Mails as programs really write them are read; mails as attackers write them stop nobody."""

import base64
from email.message import EmailMessage

import pytest

from core.errors import InvalidInput
from service.adapters.automatic import Automatic
from service.adapters.charsets import text_from
from service.adapters.mime import read_mail


def plain(body: bytes, *, charset: str, encoding: str = "8bit", **headers: str) -> bytes:
    """Write a mail of one part by hand."""
    head = {
        "From": "=?UTF-8?B?6rmA66+87KSA?= <Minjun@Mail.Example>",
        "To": "help@shop.example",
        "Message-ID": "<1@mail.example>",
        **headers,
    }
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in head.items()]
    kind = f'Content-Type: text/plain; charset="{charset}"\r\nContent-Transfer-Encoding: {encoding}'
    return "\r\n".join([*lines, kind, "", ""]).encode("utf-8", "surrogateescape") + body


@pytest.mark.parametrize(
    ("charset", "body", "words"),
    [
        ("utf-8", "반품하고 싶어요".encode(), "반품하고 싶어요"),
        ("EUC-KR", "똠방각하 교환 요청".encode("cp949"), "똠방각하 교환 요청"),
        ("ks_c_5601-1987", "배송 언제 되나요".encode("cp949"), "배송 언제 되나요"),
        ("Shift_JIS", "①番の髙橋です㈱".encode("cp932"), "①番の髙橋です㈱"),
        ("ISO-2022-JP", "返品したいです".encode("iso2022_jp"), "返品したいです"),
        # 髙 and ① are no signs of the standard; Outlook writes them all the same
        ("ISO-2022-JP", b"\x1b$B-!HV$N|b66\x1b(B", "①番の髙橋"),
        ("ISO-2022-JP", b"\x1b(I6E\x1b(B", "ｶﾅ"),
        ("x-nothing", "그냥 한글".encode("cp949"), "그냥 한글"),
        ("utf-8", b"half \xff\xfe", "half \ufffd\ufffd"),
    ],
)
def test_charsets_are_read_as_their_senders_mean_them(charset, body, words):
    mail = read_mail(plain(body, charset=charset))
    if "\ufffd" in words:
        assert mail.body.startswith("half ")
        return
    assert mail.body == words
    assert (mail.sender_name, mail.sender_address) == ("김민준", "minjun@mail.example")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("=?ISO-2022-JP?B?GyRCSlZJSiROJCo0aiQkGyhC?=", "返品のお願い"),
        ("=?EUC-KR?B?" + base64.b64encode("교환 문의".encode("euc-kr")).decode() + "?=", "교환 문의"),
        # one sign cut in two by the sender's program
        ("=?UTF-8?B?7ZWc?= =?UTF-8?B?6riA?=", "한글"),
        ("=?UTF-8?B?!!!?=", "=?UTF-8?B?!!!?="),
        ("교환 문의".encode("euc-kr").decode("utf-8", "surrogateescape"), "교환 문의"),
        ("two\r\n lines\x1b[31m", "two lines[31m"),
    ],
)
def test_subjects_are_read(header, words):
    assert read_mail(plain(b"x", charset="utf-8", Subject=header)).subject == words


def laid_out() -> EmailMessage:
    """Write what a phone sends: words twice, a picture inside, files beside."""
    mail = EmailMessage()
    mail["From"], mail["To"] = '"Lee, Jiwon" <jiwon@mail.example>', "help@shop.example, Other <o@shop.example>"
    mail["Message-ID"], mail["Date"] = "<2@mail.example>", "Mon, 23 Nov 2026 09:00:00 +0900"
    mail["References"] = "<a@x> <b@x> <c@x>"
    mail.set_content("It came broken.")
    mail.add_alternative('<p>It came <b>broken</b>.</p><img src="cid:one@x"><script>x()</script>', subtype="html")
    html = mail.get_payload()[1]
    html.add_related(b"\x89PNG\r\n\x1a\n0", "image", "png", cid="<one@x>", filename="photo.png")
    mail.add_attachment(b"%PDF-1.7", "application", "pdf", filename="영수증.pdf")
    mail.add_attachment(b"MZ\x90", "application", "pdf", filename="invoice.pdf.exe")
    mail.add_attachment(b"<html><script>x()</script>", "application", "octet-stream", filename="page")
    return mail


def test_nested_parts_give_words_once_layout_and_files():
    mail = read_mail(laid_out().as_bytes())
    assert (mail.sender_name, mail.to) == ("Lee, Jiwon", ["help@shop.example", "o@shop.example"])
    assert mail.body == "It came broken."
    assert "<b>broken</b>" in mail.html
    assert "script" not in mail.html
    assert [(file.name, file.content_id) for file in mail.files] == [("photo.png", "one@x"), ("영수증.pdf", "")]
    assert mail.withheld == ["invoice.pdf.exe", "page"]
    assert mail.references == ["a@x", "b@x", "c@x"]
    assert mail.at is not None
    assert mail.at.isoformat() == "2026-11-23T00:00:00+00:00"
    assert 'src="/inline/one@x"' in mail.html


def test_a_layout_without_plain_words_is_read_as_text():
    mail = EmailMessage()
    mail["From"] = "a@mail.example"
    mail.set_content("<p>One</p><style>p{}</style><p>Two &lt;3</p>", subtype="html")
    assert read_mail(mail.as_bytes()).body == "One\nTwo <3"


def test_a_mail_within_a_mail_is_a_file():
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "x@mail.example", "Inner"
    inner.set_content("not the customer's words")
    mail = EmailMessage()
    mail["From"] = "a@mail.example"
    mail.set_content("See below.")
    mail.add_attachment(inner)
    found = read_mail(mail.as_bytes())
    assert found.body == "See below."
    assert [file.name for file in found.files] == ["mail.eml"]
    assert b"not the customer's words" in found.files[0].content


def test_the_same_mail_twice_has_one_id_and_two_mails_under_one_id_have_two():
    first = plain(b"Hello", charset="utf-8")
    again = b"Received: by other.example\r\n" + first
    other = plain(b"Something else", charset="utf-8")
    assert read_mail(first).external_id == read_mail(again).external_id
    assert read_mail(first).external_id != read_mail(other).external_id


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, Automatic.NO),
        ({"Auto_Submitted": "no"}, Automatic.NO),
        ({"Auto_Submitted": "auto-replied (vacation)"}, Automatic.GENERATED),
        ({"Auto_Submitted": "auto-replied; owner-email=x"}, Automatic.REPLY),
        ({"Auto_Submitted": "auto-generated"}, Automatic.GENERATED),
        ({"X_Autoreply": "yes"}, Automatic.REPLY),
        ({"Precedence": "bulk"}, Automatic.GENERATED),
        ({"Return_Path": "<>"}, Automatic.REPLY),
        ({"Return_Path": "<>", "From": "MAILER-DAEMON@mail.example"}, Automatic.BOUNCE),
        ({"X_Failed_Recipients": "x@mail.example"}, Automatic.BOUNCE),
    ],
)
def test_machines_are_known_by_their_headers(headers, kind):
    assert read_mail(plain(b"x", charset="utf-8", **headers)).automatic == kind


def report(action: str = "failed", status: str = "5.1.1") -> bytes:
    """Write a delivery report about our mail <ours@shop.example>."""
    return (
        "From: MAILER-DAEMON@mail.example\r\nReturn-Path: <>\r\nMessage-ID: <3@mail.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n"
        f"Final-Recipient: rfc822; x@mail.example\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        "--B\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID:\r\n <ours@shop.example>\r\n\r\n--B--\r\n"
    ).encode()


def test_a_report_tells_which_mail_of_ours_did_not_arrive():
    bounce = read_mail(report()).bounce
    assert bounce is not None
    assert (bounce.is_final, bounce.status, bounce.message_ids) == (True, "5.1.1", ["ours@shop.example"])
    delayed = read_mail(report("delayed", "4.4.1")).bounce
    assert delayed is not None
    assert not delayed.is_final


def test_endless_nesting_is_refused_and_odd_headers_are_not():
    nested = b"From: a@mail.example\r\n"
    for place in range(300):
        nested += f'Content-Type: multipart/mixed; boundary="b{place}"\r\n\r\n--b{place}\r\n'.encode()
    with pytest.raises(InvalidInput):
        read_mail(nested + b"Content-Type: text/plain\r\n\r\nx")
    odd = b"From: <<>>,;@\r\nDate: never\r\nMessage-ID: <\r\nContent-Type: text/plain; charset==?x\r\n\r\nwords"
    mail = read_mail(odd)
    assert (mail.body, mail.sender_address, mail.at, mail.message_id) == ("words", "", None, "")
    assert read_mail(b"").body == ""


def test_nothing_raises_whatever_the_bytes():
    for seed in range(256):
        text_from(bytes([seed, 0x1B, 0x24, 0x42, seed, 255 - seed, 0x30]), "iso-2022-jp")
        text_from(bytes([seed, 255 - seed]), "shift_jis")
