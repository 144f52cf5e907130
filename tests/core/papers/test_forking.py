"""A process that was forked after its parent had compiled still gets its paper: typst's threads stayed behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from core.papers import compiling
from tests.concurrency.race import race
from tests.core.papers.reading import page_texts

TEMPLATE = '#set text(font: ("Noto Sans KR", "Noto Sans JP"))\n#sys.inputs.word\n'
# as celery's workers: the parent compiles, then its children do
FORKS = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from core.papers import compiling
def paper():
    path = Path(sys.argv[1])
    return compiling.compile_paper(path=path, root=path.parent, inputs={"word": "안녕"}, tagged=False)
first = paper()
for _ in range(2):
    if (child := os.fork()) == 0:
        os._exit(0 if len(paper()) == len(first) else 4)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "some.typ"
    path.write_text(TEMPLATE)
    return path


def test_children_of_a_process_that_compiled_do_not_wait_for_ever(template: Path) -> None:
    command = [sys.executable, "-c", FORKS, str(template), str(settings.BASE_DIR)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout.split(), done.returncode) == (["0", "0"], 0), done.stderr


@pytest.mark.django_db(transaction=True)
def test_a_forked_test_gets_its_paper_and_its_fault_from_a_fresh_program(template: Path) -> None:
    def paper(word: str = "パン") -> list[str]:
        inputs = {"word": word} if word else {}
        try:
            pdf = compiling.compile_paper(path=template, root=template.parent, inputs=inputs, tagged=True)
        except compiling.CompilingError as error:
            return [str(error).splitlines()[0]]
        return [" ".join(page_texts(pdf)), str(compiling._Threads.are_lost), str(os.getpid())]

    [text, is_lost, _pid] = paper()
    assert (text.strip(), is_lost) == ("パン", "False")

    right, wrong = race(paper, lambda: paper(""))

    assert (right.kind, right.value[0].strip(), right.value[1]) == ("done", "パン", "True")
    assert wrong.value == paper("")
    assert "word" in wrong.value[0]
