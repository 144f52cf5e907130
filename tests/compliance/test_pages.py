"""The pages of rules: read by some, kept by the quality manager, honest about what nobody has verified."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from compliance.models import CertificateKind, CertificateNeed, NoticeType, PriceClaimRule
from compliance.services import sync_rules
from core.models import EventRecord
from staff.models import Role
from tests.admin.pressing import opened, press, said
from tests.compliance.making import make_certificate_kind, make_claim_rule, make_notice_field, make_notice_type
from tests.factories import make_user

pytestmark = pytest.mark.django_db

READERS = [Role.EC_MANAGER, Role.MERCHANDISER, Role.CS_LEAD]
KEEPERS = [Role.QUALITY_MANAGER, Role.ADMINISTRATOR]
MODELS = (NoticeType, CertificateKind, PriceClaimRule)
NO_LINES = {"fields-TOTAL_FORMS": "0", "fields-INITIAL_FORMS": "0"}
NO_NEEDS = {"needs-TOTAL_FORMS": "0", "needs-INITIAL_FORMS": "0"}


def log_in(client, role):
    call_command("sync_roles", stdout=StringIO())
    user = make_user()
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


@pytest.fixture
def keeper(client):
    return log_in(client, Role.QUALITY_MANAGER)


def list_url(model, query=""):
    return reverse(f"admin:compliance_{model._meta.model_name}_changelist") + query


def page_url(row):
    return reverse(f"admin:compliance_{row._meta.model_name}_change", args=[row.pk])


def add_url(model):
    return reverse(f"admin:compliance_{model._meta.model_name}_add")


def rows_of(response):
    return [row.code for row in response.context["cl"].result_list]


def errors_of(response):
    return {name: list(errors) for name, errors in response.context["adminform"].form.errors.items()}


class TestWho:
    @pytest.mark.parametrize("role", [*READERS, *KEEPERS])
    def test_may_read_all_rules(self, client, role):
        log_in(client, role)
        notice = make_notice_type()
        make_notice_field(notice)
        rows = [notice, make_certificate_kind(notice), make_claim_rule()]
        for row in rows:
            assert client.get(list_url(type(row))).status_code == 200
            assert client.get(page_url(row)).status_code == 200

    @pytest.mark.parametrize("role", [Role.CS_AGENT, Role.DESIGNER, Role.WAREHOUSE, Role.ACCOUNTANT])
    def test_has_no_use_for_them(self, client, role):
        log_in(client, role)
        notice = make_notice_type()
        assert [client.get(list_url(model)).status_code for model in MODELS] == [403] * 3
        assert client.get(page_url(notice)).status_code == 403

    @pytest.mark.parametrize("role", READERS)
    def test_readers_change_nothing(self, client, role):
        log_in(client, role)
        notice, rule = make_notice_type(), make_claim_rule()
        field = make_notice_field(notice)

        page = client.get(page_url(notice)).content.decode()
        assert "Material" in page
        assert 'name="fields-0-label_en"' not in page
        answer = client.post(page_url(notice), {**NO_LINES, "name_en": "Other", "position": "1"})
        assert answer.status_code == 403
        assert press(client, rule, "verify", source="Law", source_level="official").status_code == 403
        assert client.get(add_url(NoticeType)).status_code == 403

        notice.refresh_from_db()
        rule.refresh_from_db()
        field.refresh_from_db()
        assert (notice.name_en, rule.source_level, field.label_en) == ("Test", "press", "Material")

    @pytest.mark.parametrize("role", KEEPERS)
    def test_keepers_change_a_notice_and_its_lines(self, client, role):
        log_in(client, role)
        notice = make_notice_type()
        field = make_notice_field(notice)
        line = {"fields-0-id": field.pk, "fields-0-notice_type": notice.pk, "fields-0-code": "material"}
        line |= {"fields-0-label_en": "Fibres", "fields-0-kind": "long_text", "fields-0-max_length": "500"}
        line |= {"fields-0-is_required": "on", "fields-0-position": "10", "fields-0-valid_until": "2030-12-31"}
        counts = {"fields-TOTAL_FORMS": "1", "fields-INITIAL_FORMS": "1"}
        data = {**opened(client, notice), **counts, **line, "name_en": "Cloth", "name_ko": "의류", "position": "5"}

        answer = client.post(page_url(notice), data)

        assert answer.status_code == 302
        notice.refresh_from_db()
        field.refresh_from_db()
        assert (notice.name_en, notice.name_ko, notice.position, notice.code) == ("Cloth", "의류", 5, "kr-test")
        assert (field.label_en, field.kind, field.max_length) == ("Fibres", "long_text", 500)
        assert (field.position, field.valid_until) == (10, date(2030, 12, 31))


class TestLists:
    def test_a_tab_for_each_place_and_one_for_what_is_to_verify(self, client, keeper):
        sync_rules()
        today = timezone.localdate()
        NoticeType.objects.exclude(source_level="unverified").update(verified_on=today)
        NoticeType.objects.filter(code="jp-food").update(verified_on=today - timedelta(days=184))
        NoticeType.objects.filter(code="jp-electrical").update(verified_on=today - timedelta(days=183))
        NoticeType.objects.filter(code="eu-textile").update(valid_until=today - timedelta(days=1))

        tabs = {item["label"]: item["count"] for item in client.get(list_url(NoticeType)).context["tab_items"]}

        assert tabs == {"Korea": "35", "Japan": "6", "European Union": "3", "To verify": "3", "All": ""}
        due = rows_of(client.get(list_url(NoticeType, "?tab=to_verify")))
        assert sorted(due) == ["eu-ce-goods", "jp-food", "jp-specified-products"]

    def test_a_row_says_how_far_it_can_be_relied_upon(self, client, keeper):
        make_claim_rule(verified_on=timezone.localdate() - timedelta(days=200))
        make_notice_field(make_notice_type(valid_from=timezone.localdate() + timedelta(days=1)))

        page = client.get(list_url(PriceClaimRule)).content.decode()
        assert '<b class="badge blue">Press or law firm</b>' in page
        assert '<em class="late">' in page
        assert '<b class="badge green">In force</b>' in page
        page = client.get(list_url(NoticeType)).content.decode()
        assert '<b class="badge amber">Unverified</b>' in page
        assert '<b class="badge amber">Never verified</b>' in page
        assert '<b class="badge violet">Not yet</b>' in page

    def test_a_list_asks_as_often_for_many_rows_as_for_few(self, client, keeper, django_assert_max_num_queries):
        sync_rules()
        client.get(list_url(NoticeType))
        for model in MODELS:
            with django_assert_max_num_queries(12):
                client.get(list_url(model))

    def test_the_page_of_a_notice_shows_what_is_asked_in_the_readers_language(self, client, keeper):
        sync_rules()
        keeper.language = "ko"
        keeper.save(update_fields=["language"])
        page = client.get(page_url(NoticeType.objects.get(code="kr-children"))).content.decode()
        assert "사용연령 또는 권장사용연령" in page
        assert "KC 안전인증(어린이제품)" in page


class TestForms:
    def test_a_new_rule_is_unverified(self, client, keeper):
        data = {"code": "kr-new", "jurisdiction": "KR", "name_ko": "새 고시", "position": "0"}

        assert client.post(add_url(NoticeType), {**NO_LINES, **data}).status_code == 302

        row = NoticeType.objects.get(code="kr-new")
        assert (row.source_level, row.verified_on, row.source) == ("unverified", None, "")

    @pytest.mark.parametrize(
        ("change", "errors"),
        [
            ({"name_en": ""}, {"name_en": ["Write it in at least one language."]}),
            (
                {"valid_from": "2026-02-02", "valid_until": "2026-02-01"},
                {"valid_until": ["The last day is before the first one."]},
            ),
        ],
    )
    def test_a_notice_is_refused_with_a_sentence(self, client, keeper, change, errors):
        data = {"code": "kr-new", "jurisdiction": "KR", "name_en": "New", "position": "0", **change}

        assert errors_of(client.post(add_url(NoticeType), {**NO_LINES, **data})) == errors
        assert not NoticeType.objects.exists()

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"label_en": ""}, "Write it in at least one language."),
            ({"kind": "date", "max_length": "10"}, "Only texts have a length."),
            ({"max_length": "0"}, "Leave it empty for any length."),
            ({"valid_from": "2026-02-02", "valid_until": "2026-02-01"}, "The last day is before the first one."),
        ],
    )
    def test_a_line_is_refused_with_a_sentence(self, client, keeper, change, message):
        line = {"code": "name", "label_en": "Name", "kind": "text", "position": "0", **change}
        data = {"code": "kr-new", "jurisdiction": "KR", "name_en": "New", "position": "0"}
        data |= {"fields-TOTAL_FORMS": "1", "fields-INITIAL_FORMS": "0"}
        data |= {f"fields-0-{name}": value for name, value in line.items()}

        answer = client.post(add_url(NoticeType), data)

        (errors,) = answer.context["inline_admin_formsets"][0].formset.errors
        assert [text for texts in errors.values() for text in texts] == [message]
        assert not NoticeType.objects.exists()

    @pytest.mark.parametrize(
        ("change", "errors"),
        [
            ({"number_pattern": "("}, ["number_pattern"]),
            ({"number_pattern": "[A-Z]+", "needs_number": ""}, ["number_pattern"]),
            ({"number_pattern": "[A-Z]+", "number_example": "12"}, ["number_example"]),
        ],
    )
    def test_a_pattern_fits_its_example(self, client, keeper, change, errors):
        data = {
            "code": "kr-new",
            "jurisdiction": "KR",
            "name_en": "New",
            "needs_number": "on",
            "position": "0",
            **change,
        }

        assert list(errors_of(client.post(add_url(CertificateKind), {**NO_NEEDS, **data}))) == errors
        assert not CertificateKind.objects.exists()

    def test_needs_are_added_and_taken_away(self, client, keeper):
        kept, dropped = make_notice_type(), make_notice_type(code="kr-other")
        kind = make_certificate_kind(dropped)
        need = kind.needs.get()
        data = {**opened(client, kind), "name_en": "Certificate", "needs_number": "on", "position": "0"}
        data |= {"needs-TOTAL_FORMS": "2", "needs-INITIAL_FORMS": "1"}
        data |= {"needs-0-id": need.pk, "needs-0-notice_type": dropped.pk, "needs-0-DELETE": "on"}
        data |= {"needs-0-certificate_kind": kind.pk, "needs-1-certificate_kind": kind.pk}
        data |= {"needs-1-notice_type": kept.pk, "needs-1-is_required": "on"}

        assert client.post(page_url(kind), data).status_code == 302

        assert list(CertificateNeed.objects.values_list("notice_type", "is_required")) == [(kept.pk, True)]

    @pytest.mark.parametrize(
        ("change", "errors"),
        [
            ({"window_days": "0"}, {"window_days": ["Look at one day at least."]}),
            ({"min_days_total": "3"}, {"min_days_total": ["This method does not use the number. Leave it empty."]}),
            (
                {"method": "majority_of_window"},
                {
                    "min_days_total": ["This method needs the number."],
                    "max_days_since_last": ["This method needs the number."],
                },
            ),
            (
                {"method": "majority_of_window", "min_days_total": "21", "max_days_since_last": "14"},
                {"min_days_total": ["These are more days than are looked at."]},
            ),
            (
                {"valid_from": "2026-06-30"},
                {"valid_from": ["Another rule of this jurisdiction holds at that time. End it first."]},
            ),
        ],
    )
    def test_a_claim_rule_is_refused_with_a_sentence(self, client, keeper, change, errors):
        make_claim_rule(valid_until=date(2026, 6, 30))
        data = {"code": "kr-new", "jurisdiction": "KR", "method": "lowest_in_window", "window_days": "20"}
        data |= {"valid_from": "2026-07-01", **change}

        assert errors_of(client.post(add_url(PriceClaimRule), data)) == errors
        assert PriceClaimRule.objects.count() == 1

    def test_the_next_claim_rule_begins_when_the_last_one_has_ended(self, client, keeper):
        make_claim_rule(valid_until=date(2026, 6, 30))
        data = {"code": "kr-new", "jurisdiction": "KR", "method": "majority_of_window", "window_days": "20"}
        data |= {"min_days_total": "14", "max_days_since_last": "14", "valid_from": "2026-07-01"}

        assert client.post(add_url(PriceClaimRule), data).status_code == 302

        page = client.get(page_url(PriceClaimRule.objects.get(code="kr-new"))).content.decode()
        assert "It was asked on 14 days at least in total." in page


class TestVerifying:
    def test_the_button_notes_who_looked_and_the_reminder_goes(self, client, keeper):
        rule = make_claim_rule()
        reminder = "more than half a year ago"
        PriceClaimRule.objects.update(verified_on=timezone.localdate() - timedelta(days=200))
        assert reminder in client.get(page_url(rule)).content.decode()

        answer = press(client, rule, "verify", source="Law §3", source_level="official")

        assert said(answer) == [f"Noted: “{rule}” is as its source says."]
        rule.refresh_from_db()
        assert (rule.source_level, rule.verified_on) == ("official", timezone.localdate())
        assert EventRecord.objects.get(name="compliance.rule_verified").actor == keeper
        page = client.get(page_url(rule)).content.decode()
        assert reminder not in page
        assert "Compared with its source: Official text." in page

    def test_what_nobody_verified_says_so(self, client, keeper):
        page = client.get(page_url(make_notice_type())).content.decode()
        assert "Nobody has compared this rule with its source yet." in page

    def test_what_is_over_needs_no_look(self, client, keeper):
        ended = make_notice_type(valid_until=timezone.localdate() - timedelta(days=1))
        assert "Nobody has compared" not in client.get(page_url(ended)).content.decode()

    def test_without_a_source_nothing_is_noted(self, client, keeper):
        rule = make_claim_rule()

        press(client, rule, "verify", source="", source_level="official")
        press(client, rule, "verify", source="Law", source_level="unverified")

        rule.refresh_from_db()
        assert (rule.source_level, rule.verified_on) == ("press", date(2026, 1, 10))
        assert not EventRecord.objects.filter(name="compliance.rule_verified").exists()

    def test_how_good_an_unverified_source_is_has_to_be_chosen(self, client, keeper):
        notice = make_notice_type(source="Law §1")
        url = reverse("admin:compliance_noticetype_press", args=[notice.pk, "verify"])

        form = client.get(url).context["form"]

        assert (form.initial["source"], form.initial["source_level"]) == ("Law §1", "")
        press(client, notice, "verify", source="Law §1", source_level="")
        notice.refresh_from_db()
        assert (notice.source_level, notice.verified_on) == ("unverified", None)
