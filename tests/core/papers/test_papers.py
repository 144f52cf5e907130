"""Papers: right letters, right bars, nothing that people wrote becomes markup."""

import datetime
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.conf import settings as project

from core.papers import BarcodeRefused, PaperError, answer_pdf, code128, gtin_barcode, render_pdf
from tests.core.papers.reading import bars, page_sizes, page_texts, picture, read_ean13

HEAD = '#import "/core/papers/page.typ": data, a4, heavy, quiet, barcode, listing\n#show: a4.with(title: data.title)\n'


@pytest.fixture
def paper(tmp_path: Path, settings: Any) -> Any:
    """Return a function that renders a template of a few lines."""
    folder = tmp_path / "templates" / "core" / "papers"
    folder.mkdir(parents=True)
    shutil.copy(Path(project.BASE_DIR) / "templates/core/papers/page.typ", folder)
    settings.BASE_DIR = tmp_path

    def render(body: str, data: dict[str, Any], language: str = "en", **over: Any) -> bytes:
        (folder / "some.typ").write_text(HEAD + body)
        return render_pdf("core/papers/some.typ", {"title": "A", **data}, language=language, **over)

    return render


def _fonts(pdf: bytes) -> set[str]:
    page = pypdfium2.PdfDocument(pdf)[0]
    texts = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT], max_depth=8)
    return {text.get_font().get_base_name().split("+")[-1] for text in texts}


def test_korean_and_japanese_are_text_of_the_page(paper: Any) -> None:
    pdf = paper("#data.name", {"name": "양면 프라이팬 / 両面フライパン / Pan"}, "ko")
    assert "양면 프라이팬 / 両面フライパン / Pan" in page_texts(pdf)[0]
    assert page_sizes(pdf) == [(210, 297)]


@pytest.mark.parametrize(("language", "font"), [("ko", "NotoSansKR-Regular"), ("ja", "NotoSansJP-Regular")])
def test_a_chinese_character_takes_the_form_of_the_language(paper: Any, language: str, font: str) -> None:
    assert _fonts(paper("#data.name", {"name": "社海"}, language)) == {font}


def test_the_forms_really_differ(paper: Any) -> None:
    korean, japanese = (picture(paper("#data.name", {"name": "社海"}, language)) for language in ("ko", "ja"))
    area = (0, 0, korean.width, korean.height // 4)  # above the number of the page
    assert korean.crop(area).tobytes() != japanese.crop(area).tobytes()


@pytest.mark.parametrize(
    "name",
    [
        "#strong[x] *bold* _it_ `code` $a^2$ <label> @ref",
        '#read("/core/papers/page.typ")',
        '"] #panic("x") [',
        "\\ // comment /* */ \\u{41}",
        "= Heading",
        "</svg><script>",
    ],
)
def test_what_people_wrote_never_becomes_markup(paper: Any, name: str) -> None:
    text = page_texts(paper("#data.name #heavy(data.name) #listing(heads: (data.name,), columns: 1)", {"name": name}))[
        0
    ]
    assert text.count(name) == 3


def test_pages_are_counted_in_the_language(paper: Any) -> None:
    pages = page_texts(paper("One #pagebreak() Two", {}))
    assert [page.splitlines()[-1].strip() for page in pages] == ["Page 1 of 2", "Page 2 of 2"]


def test_only_plain_values_go_on_paper(paper: Any) -> None:
    for value in (Decimal(1), datetime.date(2026, 1, 1), b"x", {"a": {1, 2}}):
        with pytest.raises(TypeError, match="must be written as text"):
            paper("#data.value", {"value": value})


def test_a_wrong_template_is_a_bug_with_its_place(paper: Any) -> None:
    with pytest.raises(PaperError, match=r"core/papers/some\.typ"):
        paper("#data.missing", {})
    with pytest.raises(PaperError, match="unknown font"):
        paper('#set text(font: "Comic Sans")\nx', {})


def test_a_template_reads_nothing_outside_the_templates(paper: Any) -> None:
    with pytest.raises(PaperError):
        paper('#read("/../../secret.txt")', {})


@pytest.mark.parametrize(("gtin", "printed"), [("4006381333931", "4006381333931"), ("036000291452", "0036000291452")])
def test_a_scanner_reads_the_gtin(paper: Any, gtin: str, printed: str) -> None:
    pdf = paper("#barcode(data.bars, width: 40mm)", {"bars": gtin_barcode(gtin)})
    assert read_ean13(picture(pdf)) == printed


def test_code_128_has_its_bars_and_quiet_zones(paper: Any) -> None:
    seen = picture(paper("#barcode(data.bars, width: 60mm)", {"bars": code128("SKU-1")}))
    row = bars([seen.getpixel((x, 450)) for x in range(seen.width)] + [255])  # the bars begin at 272
    assert len(row) == 6 * 7 + 7  # start, five letters and check of six runs each, stop of seven
    modules = 11 * 7 + 13
    printed = sum(dots for _dark, dots in row) / 6 * 25.4 / 72
    assert printed == pytest.approx(60 * modules / (modules + 20), abs=0.3)  # ten modules of white on both sides


@pytest.mark.parametrize("text", ["", "한글", "x" * 49, "a\nb", "é"])
def test_code_128_refuses_what_scanners_read_differently(text: str) -> None:
    with pytest.raises(BarcodeRefused):
        code128(text)


@pytest.mark.parametrize(
    "code", ["", "4006381333932", "14006381333931", "12345", "４００６３８１３３３９３１", "40063813339x1"]
)
def test_a_gtin_with_a_wrong_check_digit_is_refused(code: str) -> None:
    with pytest.raises(BarcodeRefused):
        gtin_barcode(code)


def test_the_other_lengths_of_a_gtin_have_bars() -> None:
    assert "<path" in gtin_barcode("96385074")
    assert "<path" in gtin_barcode("14006381333938")


def test_five_hundred_pages_are_one_document(paper: Any) -> None:
    names = [f"상품 {number}" for number in range(500)]
    pdf = paper("#for name in data.names [#name #pagebreak(weak: true)]", {"names": names}, "ko")
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 500
    assert "상품 499" in document[499].get_textpage().get_text_range()


def test_an_answer_is_a_named_file_that_nobody_keeps() -> None:
    answer = answer_pdf(b"%PDF-1.7", name="이동 T-1")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%EC%9D%B4%EB%8F%99%20T-1.pdf"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Length"] == "8"
    assert b"".join(answer.streaming_content) == b"%PDF-1.7"
    assert answer_pdf(b"", name="a", download=False)["Content-Disposition"] == 'inline; filename="a.pdf"'
