"""What the libraries show is there in Korean and Japanese: in their catalogs, in Django's, or in ours.

An upgrade of a library brings new messages: the first test names them, `manage.py messages update` takes them in.
"""

import re

import pytest
from django.conf import settings
from django.utils.translation import gettext, ngettext, override

from backoffice import translations
from backoffice.runner.catalogs import compile_stale_catalogs

LANGUAGES = ("ko", "ja")


@pytest.fixture(scope="module", autouse=True)
def compiled_catalogs():
    compile_stale_catalogs()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_a_library_is_translated_somewhere(language):
    # Django merges all catalogs into one, so any of them may translate a message
    own = {
        translations._key(message)
        for message in translations.read_catalog(language)
        if message.id and all(translations._strings(message))
    }
    known = own | translations._known(language)

    missing = [
        f"{message.locations[0][0]}: {translations._key(message)}"
        for message in translations._library_messages()
        if message.id and translations._key(message) not in known
    ]

    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogs_have_one_form_and_keep_line_breaks_at_the_ends(language):
    for message in filter(lambda message: message.id, translations.read_catalog(language)):
        english, (translation, *others) = translations._text(message), translations._strings(message)

        assert others == [], f"{language} has no plural forms: {english}"
        assert (translation[:1] == "\n") == (english[:1] == "\n"), english
        assert (translation[-1:] == "\n") == (english[-1:] == "\n"), english


@pytest.mark.parametrize(
    ("english", "korean", "japanese"),
    [
        ("Order", "주문", "注文"),  # Django's: the label of a position in a formset
        ("New", "신규", "新規"),  # import-export's Korean: "creation"
        ("Name", "이름", "名前"),  # celery-beat's Korean: "name of the task"
        ("Exchange", "교환", "交換"),  # celery-beat's: of a message broker
        (" By %(filter_title)s ", " %(filter_title)s ", " %(filter_title)s "),
        ("You may edit it again below.", "아래에서 다시 수정할 수 있습니다.", "以下で再度編集できます。"),
        ("No password set.", "설정된 비밀번호가 없습니다.", "パスワードが設定されていません。"),
    ],
)
def test_our_word_wins_where_a_library_says_something_else(english, korean, japanese):
    with override("ko"):
        assert gettext(english) == korean
    with override("ja"):
        assert gettext(english) == japanese


def test_plural_messages_of_libraries_are_filled_in():
    one, many = "{0} task was successfully enabled", "{0} tasks were successfully enabled"
    with override("ko"):
        assert ngettext(one, many, 3).format(3) == "작업 3건을 사용하도록 설정했습니다"
        # celery-beat hands over English endings too; they leave no trace
        assert gettext("{0} task{1} {2} successfully run").format(3, "s", "were") == "작업 3건을 실행했습니다"
    with override("ja"):
        assert ngettext(one, many, 1).format(1) == "1 件のタスクを有効にしました"


def test_gettext_has_no_name_that_the_extraction_does_not_know():
    alias = re.compile(r"import .*\b[np]{0,2}gettext(?:_lazy)? as (\w+)")
    strangers = [
        f"{path.relative_to(settings.BASE_DIR)}: {name}"
        for path in translations._sources(settings.BASE_DIR)
        if path.suffix == ".py"
        for name in alias.findall(path.read_text(encoding="utf-8"))
        if name not in translations.KEYWORDS
    ]

    assert strangers == []
