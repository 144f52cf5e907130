"""Typst on its own: a template and texts become a PDF, in this process or in a fresh one. Knows nothing of Django.

Typst's threads do not survive a fork: a process that was forked after its parent had compiled once would wait for them
for ever. Such a process is told so at its birth, and compiles in a program of its own, which is this file.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_jp
import pylopdf_fonts_ko
import typst

PATIENCE = 600  # seconds; thousands of pages take a minute
WRONG = 3  # the exit code of a template that is wrong, as opposed to a program that died


class CompilingError(Exception):
    """The template is wrong, or its paper would not look as it should: what typst says."""


class _Threads:
    """Whether this process may compile by itself."""

    are_started = False
    are_lost = False

    @classmethod
    def lose(cls) -> None:
        """Note, in a process just forked, that its parent's threads stayed behind."""
        cls.are_lost = cls.are_lost or cls.are_started


os.register_at_fork(after_in_child=_Threads.lose)


@lru_cache(maxsize=1)
def _fonts() -> "typst.Fonts":
    """Return the fonts of the two wheels and no others: a paper looks the same on every machine."""
    folders: list[str] = [str(fonts.sans_path().parent) for fonts in (pylopdf_fonts_ko, pylopdf_fonts_jp)]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def compile_paper(*, path: Path, root: Path, inputs: Mapping[str, str], tagged: bool) -> bytes:
    """Return the PDF of the template at ``path`` with these texts; nothing outside ``root`` is read.

    In a process forked from one that had compiled, a fresh program does it. CompilingError with what typst says.
    """
    if _Threads.are_lost:
        return _elsewhere(path, root, inputs, tagged=tagged)
    _Threads.are_started = True  # before: another thread may fork while this one compiles
    return _here(path, root, inputs, tagged=tagged)


def _here(path: Path, root: Path, inputs: Mapping[str, str], *, tagged: bool) -> bytes:
    try:
        # a compiler of its own for each paper: they are not shared between threads, and only its fonts are costly
        compiler = typst.Compiler(
            str(path), root=str(root), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=dict(inputs)
        )
        pdf, warnings = compiler.compile_with_warnings(format="pdf", pdf_tags=tagged)
    except typst.TypstError as error:
        raise CompilingError(f"{error.message}\n{error.diagnostic}") from error
    if warnings or not isinstance(pdf, bytes):
        raise CompilingError(warnings[0].message if warnings else "no bytes")
    return pdf


def _elsewhere(path: Path, root: Path, inputs: Mapping[str, str], *, tagged: bool) -> bytes:
    wish = json.dumps({"path": str(path), "root": str(root), "inputs": dict(inputs), "tagged": tagged})
    done = subprocess.run(
        [sys.executable, "-I", __file__], input=wish.encode(), capture_output=True, timeout=PATIENCE, check=False
    )
    if done.returncode == WRONG:
        raise CompilingError(done.stderr.decode())
    done.check_returncode()
    return done.stdout


def _main() -> int:
    wish = json.load(sys.stdin)
    try:
        pdf = _here(Path(wish["path"]), Path(wish["root"]), wish["inputs"], tagged=wish["tagged"])
    except CompilingError as error:
        sys.stderr.write(str(error))
        return WRONG
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
