"""The split itself: the easiest to read among all that fit; what does not fit is told, never dropped in silence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from addresses.fitting.budget import ROLES, AddressBudget, AddressParts, BudgetLine
from addresses.fitting.characters import not_carried, stand_in
from addresses.fitting.pieces import IN_WORD, Piece, in_characters, pieces_of

LEFT_OUT = 10_000  # more than any break costs
TOGETHER = 1  # street and building on one line, when another line is free


@dataclass(frozen=True, kw_only=True)
class FitProblem:
    """What is wrong with a fitted address.

    ``code``: ``too_long`` (``text`` does not fit), ``cut_word`` (``text`` had to be cut inside), ``not_carried`` (the
    file has no character ``text``, for which ``proposal`` may stand; or several, with blanks between them).
    """

    code: str
    text: str
    proposal: str = ""

    @property
    def sentence(self) -> str:
        """Say it to a person."""
        values = {"text": self.text, "proposal": self.proposal}
        if self.code == "too_long":
            return _("There is no room for “%(text)s”.") % values
        if self.code == "cut_word":
            return _("“%(text)s” had to be cut.") % values
        if self.proposal:
            return _("The carrier's file cannot carry “%(text)s”; “%(proposal)s” could stand for it.") % values
        return _("The carrier's file cannot carry “%(text)s”.") % values


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """An address in the lines of a budget, as the file would show it, with what is wrong with it."""

    lines: tuple[str, ...]
    problems: tuple[FitProblem, ...]
    budget: AddressBudget

    @property
    def fits(self) -> bool:
        """Tell whether nothing is left out and the file carries every character."""
        return not any(problem.code in {"too_long", "not_carried"} for problem in self.problems)

    @property
    def columns(self) -> dict[str, str]:
        """Return the text of each column of the file: lines of the same column joined."""
        found: dict[str, str] = {}
        for line, text in zip(self.budget.lines, self.lines, strict=True):
            found[line.column] = found.get(line.column, "") + text
        return found

    @property
    def rows(self) -> list[tuple[BudgetLine, str, int]]:
        """Return (line, its text, how much of its room is taken)."""
        pairs = zip(self.budget.lines, self.lines, strict=True)
        return [(line, text, self.budget.width_of(text)) for line, text in pairs]


@dataclass(slots=True)
class _Plan:
    """A way to place pieces: ``cuts`` behind which a word was cut, ``left`` which have no room (indexes)."""

    cost: int
    texts: tuple[str, ...] = ()
    cuts: tuple[int, ...] = ()
    left: tuple[int, ...] = ()


def fit(address: AddressParts, budget: AddressBudget) -> Fitted:
    """Return the address in the lines of the budget; pure.

    Whole pieces first; words are cut only where they must be, numbers last of all, and what has no room at all is left
    out at the end of its part. All three are problems of the answer.
    """
    return _fit(pieces_of(address), budget)


def fit_text(text: str, budget: AddressBudget) -> Fitted:
    """Return a name or any other text in the lines of a budget whose lines take everything; pure."""
    return _fit(pieces_of(AddressParts(country="", building=text)), budget)


def _fit(pieces: Sequence[Piece], budget: AddressBudget) -> Fitted:
    written = [replace(piece, text=budget.write(piece.text), glue=budget.write(piece.glue)) for piece in pieces]
    plan = _Lines(written, budget).best()
    if plan.left:
        written = in_characters(written)
        plan = _Lines(written, budget).best()
    problems = [*_left_out(written, plan), *_cut_words(written, plan), *_foreign(written, budget)]
    return Fitted(lines=plan.texts, problems=tuple(problems), budget=budget)


class _Lines:
    """Finds the cheapest way to place pieces on lines, in their order."""

    def __init__(self, pieces: Sequence[Piece], budget: AddressBudget) -> None:
        self.pieces = pieces
        self.budget = budget
        self.known: dict[tuple[int, int], _Plan] = {}

    def best(self, start: int = 0, at: int = 0) -> _Plan:
        """Return the plan for the pieces from ``start`` on the lines from ``at``."""
        if (start, at) not in self.known:
            self.known[start, at] = self._best(start, at)
        return self.known[start, at]

    def _best(self, start: int, at: int) -> _Plan:
        if at == len(self.budget.lines):
            rest = tuple(range(start, len(self.pieces)))
            return _Plan(LEFT_OUT * len(rest), left=rest)
        plans = [self._filled(start, end, text, at) for end, text in reversed(self._fillings(start, at))]
        if start < len(self.pieces):
            plans.append(self._skipping(start, at))
        return min(plans, key=lambda plan: plan.cost)  # of equals the first: the fullest line

    def _fillings(self, start: int, at: int) -> list[tuple[int, str]]:
        """Return what may stand on the line: (end, text), the empty line first."""
        line, text, found = self.budget.lines[at], "", [(start, "")]
        for index in range(start, len(self.pieces)):
            piece = self.pieces[index]
            text += (self.pieces[index - 1].glue if index > start else "") + piece.text
            if piece.role not in line.takes or self.budget.width_of(text) > line.width:
                break
            found.append((index + 1, text))
        return found

    def _filled(self, start: int, end: int, text: str, at: int) -> _Plan:
        rest = self.best(end, at + 1)
        behind = self.pieces[end - 1].cost if start < end < len(self.pieces) else 0
        together = {"street", "building"} <= {piece.role for piece in self.pieces[start:end]}
        cuts = (end - 1, *rest.cuts) if behind >= IN_WORD else rest.cuts
        return _Plan(behind + TOGETHER * together + rest.cost, (text, *rest.texts), cuts, rest.left)

    def _skipping(self, start: int, at: int) -> _Plan:
        """Return the plan that leaves out the rest of the part which begins here."""
        role, end = self.pieces[start].role, start
        while end < len(self.pieces) and self.pieces[end].role == role:
            end += 1
        rest = self.best(end, at)
        left = tuple(range(start, end))
        return _Plan(LEFT_OUT * len(left) + rest.cost, rest.texts, rest.cuts, (*left, *rest.left))


def _left_out(pieces: Sequence[Piece], plan: _Plan) -> Iterator[FitProblem]:
    """Say for each part what of it has no room."""
    for role in ROLES:
        text = "".join(pieces[index].text + pieces[index].glue for index in plan.left if pieces[index].role == role)
        if text.strip():
            yield FitProblem(code="too_long", text=text.strip())


def _cut_words(pieces: Sequence[Piece], plan: _Plan) -> Iterator[FitProblem]:
    """Name each word that was cut, once."""
    for word in dict.fromkeys(_word_around(pieces, index) for index in plan.cuts):
        yield FitProblem(code="cut_word", text=word)


def _word_around(pieces: Sequence[Piece], index: int) -> str:
    """Return the word that was broken up into characters and cut behind ``index``."""
    first, last = index, index + 1
    while first > 0 and pieces[first - 1].cost >= IN_WORD:
        first -= 1
    while last < len(pieces) - 1 and pieces[last].cost >= IN_WORD:
        last += 1
    return "".join(piece.text for piece in pieces[first : last + 1])


def _foreign(pieces: Sequence[Piece], budget: AddressBudget) -> Iterator[FitProblem]:
    """Name the characters that the file cannot carry: one by one where another may stand for it, else together."""
    missing = not_carried("".join(piece.text for piece in pieces), budget.encoding)
    stands_for = {char: stand_in(char, budget.encoding) for char in missing}
    for char, proposal in stands_for.items():
        if proposal:
            yield FitProblem(code="not_carried", text=char, proposal=proposal)
    if lost := [char for char, proposal in stands_for.items() if not proposal]:
        yield FitProblem(code="not_carried", text=" ".join(lost))
