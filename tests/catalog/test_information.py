"""Notices and certificates: what the law wants to be told, and what is missing."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from catalog.models import Certificate, NoticeAnswer, ProductType
from catalog.selectors.informing import information_of
from catalog.services.content.certifying import NewCertificate, add_certificate, looks_unusual, remove_certificate
from catalog.services.content.noticing import answer_notices, set_notices, take_answers
from compliance.models import CertificateKind, CertificateNeed, NoticeField, NoticeType
from core.errors import Conflict, InvalidInput, NotAllowed
from tests.factories import make_user, make_variant

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def product():
    return make_variant().product


@pytest.fixture
def wear():
    wear = NoticeType.objects.create(code="t-wear", jurisdiction="KR", name_en="Clothing")
    for number, (code, over) in enumerate(
        {"material": {}, "made": {"kind": "date"}, "note": {"is_required": False, "max_length": 5}}.items()
    ):
        NoticeField.objects.create(notice_type=wear, code=code, label_en=code.title(), position=number, **over)
    return wear


@pytest.fixture
def kind(wear):
    kind = CertificateKind.objects.create(
        code="t-kc", jurisdiction="KR", name_en="KC", number_pattern=r"CB\d{4}", number_example="CB1234"
    )
    CertificateNeed.objects.create(certificate_kind=kind, notice_type=wear)
    return kind


def info(product, jurisdiction="KR", **over):
    [found] = information_of(products=[product], jurisdictions=[jurisdiction], **over)
    return found


def field(notice, code):
    return notice.fields.get(code=code).pk


def test_a_product_without_a_class_of_goods_is_told_so(product, wear):
    assert info(product).is_unclassified
    assert not info(product).is_complete
    assert info(product, "EU").is_complete  # no rules of the Union in this test


def test_missing_fields_are_those_required_of_its_notices(product, wear):
    set_notices(product_id=product.pk, notice_type_ids=[wear.pk])
    assert [f.code for f in info(product).missing_fields] == ["material", "made"]

    answers = {field(wear, "material"): " cotton ", field(wear, "made"): "2026-01-31", field(wear, "note"): ""}
    assert answer_notices(product_id=product.pk, answers=answers) == 2
    assert answer_notices(product_id=product.pk, answers=answers) == 0
    assert (info(product).missing_fields, info(product).is_complete) == ([], True)
    assert answer_notices(product_id=product.pk, answers={field(wear, "material"): ""}) == 1
    assert [f.code for f in info(product).missing_fields] == ["material"]


def test_the_notice_of_the_type_holds_until_the_product_has_its_own(product, wear):
    shirts = ProductType.objects.create(code="shirts", name_en="Shirts")
    shirts.notice_types.add(wear)
    product.product_type = shirts
    product.save()
    assert [n.code for n in info(product).notices] == ["t-wear"]

    shoes = NoticeType.objects.create(code="t-shoes", jurisdiction="KR", name_en="Shoes")
    set_notices(product_id=product.pk, notice_type_ids=[shoes.pk])
    assert [n.code for n in info(product).notices] == ["t-shoes"]


def test_a_field_may_be_asked_only_where_a_price_before_is_shown(product, wear):
    general = NoticeType.objects.create(code="t-all", jurisdiction="JP", name_en="All", applies_to_all=True)
    NoticeField.objects.create(notice_type=general, code="basis", label_en="Basis", needed_when="compare_at")
    assert info(product, "JP").is_complete
    assert [f.code for f in info(product, "JP", compared={(product.pk, "JP")}).missing_fields] == ["basis"]


def test_rules_hold_from_their_day_on(product, wear):
    set_notices(product_id=product.pk, notice_type_ids=[wear.pk])
    NoticeField.objects.filter(code="made").update(valid_from=TODAY() + timedelta(days=1))
    assert [f.code for f in info(product).missing_fields] == ["material"]
    assert [f.code for f in info(product, on=TODAY() + timedelta(days=1)).missing_fields] == ["material", "made"]


@pytest.mark.parametrize(("code", "text"), [("made", "soon"), ("made", "2026-02-31"), ("note", "too long")])
def test_a_bad_answer_is_refused_by_name_and_nothing_is_written(product, wear, code, text):
    with pytest.raises(InvalidInput, match=code.title()):
        answer_notices(product_id=product.pk, answers={field(wear, "material"): "cotton", field(wear, code): text})
    assert NoticeAnswer.objects.count() == 0


def test_answers_can_be_taken_from_another_product_where_nothing_stands(product, wear):
    other = make_variant().product
    answer_notices(product_id=other.pk, answers={field(wear, "material"): "wool", field(wear, "made"): "2026-01-01"})
    answer_notices(product_id=product.pk, answers={field(wear, "material"): "cotton"})

    assert take_answers(product_id=product.pk, source_id=other.pk) == 1
    assert dict(product.notice_answers.values_list("field__code", "text")) == {
        "material": "cotton",
        "made": "2026-01-01",
    }


def test_a_needed_certificate_must_be_there_and_not_expired(product, wear, kind):
    set_notices(product_id=product.pk, notice_type_ids=[wear.pk])
    assert [group.name for group in info(product).missing_certificates] == ["KC"]

    ends = TODAY() + timedelta(days=10)
    add_certificate(
        product_id=product.pk, certificate=NewCertificate(kind_id=kind.pk, number="CB0001", expires_on=ends)
    )
    assert info(product).missing_certificates == []
    assert [paper.number for paper in info(product).ending] == ["CB0001"]
    later = info(product, on=ends + timedelta(days=1))
    assert ([g.name for g in later.missing_certificates], [p.number for p in later.expired]) == (["KC"], ["CB0001"])


@pytest.mark.parametrize(
    "over",
    [
        {"number": ""},
        {"issued_on": timezone.localdate(), "expires_on": timezone.localdate() - timedelta(days=1)},
        {"expires_on": timezone.localdate() - timedelta(days=1)},
    ],
)
def test_what_is_no_certificate_is_refused(product, kind, over):
    with pytest.raises(InvalidInput):
        add_certificate(
            product_id=product.pk, certificate=NewCertificate(**{"kind_id": kind.pk, "number": "CB0001", **over})
        )
    assert Certificate.objects.count() == 0


def test_an_unusual_number_is_taken_and_told(product, kind):
    made = [
        add_certificate(product_id=product.pk, certificate=NewCertificate(kind_id=kind.pk, number=number))
        for number in ("CB0001", "XX1")
    ]
    assert [looks_unusual(row) for row in made] == [False, True]


def test_the_paper_is_kept_privately_and_goes_with_the_certificate(product, kind, django_capture_on_commit_callbacks):
    paper = ContentFile(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n", name="KC.pdf")
    new = NewCertificate(kind_id=kind.pk, number="CB0001")
    made = add_certificate(product_id=product.pk, certificate=new, document=paper)
    path = made.document.name
    assert path.startswith("certificates/")
    assert default_storage.exists(path)
    with pytest.raises(Conflict):
        add_certificate(product_id=product.pk, certificate=new)

    with pytest.raises(InvalidInput):
        remove_certificate(certificate_id=made.pk, reason=" ")
    with django_capture_on_commit_callbacks(execute=True):
        remove_certificate(certificate_id=made.pk, reason="wrong product")
    assert not Certificate.objects.exists()
    assert not default_storage.exists(path)


def test_a_program_is_no_paper(product, kind):
    with pytest.raises(InvalidInput, match="PDF"):
        add_certificate(
            product_id=product.pk,
            certificate=NewCertificate(kind_id=kind.pk, number="CB0001"),
            document=BytesIO(b"MZ\x90\x00" + b"\x00" * 100),
        )
    assert not Certificate.objects.exists()


def test_information_needs_the_right(product, wear, kind):
    nobody = make_user(permissions=["catalog.view_product"])
    for attempt in (
        lambda: set_notices(product_id=product.pk, notice_type_ids=[wear.pk], actor=nobody),
        lambda: answer_notices(product_id=product.pk, answers={field(wear, "material"): "x"}, actor=nobody),
        lambda: take_answers(product_id=product.pk, source_id=product.pk, actor=nobody),
        lambda: add_certificate(
            product_id=product.pk, certificate=NewCertificate(kind_id=kind.pk, number="CB0001"), actor=nobody
        ),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert (product.notices.count(), product.notice_answers.count(), product.certificates.count()) == (0, 0, 0)


def test_many_products_take_the_same_statements_as_one(wear, kind, django_assert_num_queries):
    few, many = [make_variant().product], [make_variant().product for _ in range(20)]
    for product in [*few, *many]:
        set_notices(product_id=product.pk, notice_type_ids=[wear.pk])
    with django_assert_num_queries(7) as counted:
        information_of(products=few, jurisdictions=["KR", "JP"])
    with django_assert_num_queries(len(counted)):
        information_of(products=many, jurisdictions=["KR", "JP"])
