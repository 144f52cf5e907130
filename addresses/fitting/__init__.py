"""Addresses in the lines of a carrier's file: how wide they are, where they break, what the file cannot carry."""

from addresses.fitting.budget import AddressBudget, AddressParts, BudgetLine, Measure, read_budget
from addresses.fitting.characters import not_carried, widened
from addresses.fitting.proposing import Proposal, propose
from addresses.fitting.splitting import FitProblem, Fitted, fit, fit_text

__all__ = [
    "AddressBudget",
    "AddressParts",
    "BudgetLine",
    "FitProblem",
    "Fitted",
    "Measure",
    "Proposal",
    "fit",
    "fit_text",
    "not_carried",
    "propose",
    "read_budget",
    "widened",
]
