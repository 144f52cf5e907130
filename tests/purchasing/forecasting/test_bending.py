"""Weeks from days: unknown days, promotions, closed seasons, holidays."""

import numpy as np
import pytest

from purchasing.services.forecasting import holiday_factors, weeks_ahead, weeks_of


def week(*pieces, factors=(1,) * 7, known=(True,) * 7):
    return weeks_of(np.array([pieces], float), factors=np.array([factors], float), is_known=np.array([known]))


def test_a_week_is_the_sum_of_its_days():
    two = weeks_of(np.arange(14.0)[None, :], factors=np.ones((1, 14)), is_known=np.ones((1, 14), bool))
    assert two.tolist() == [[21, 70]]


def test_unknown_days_are_filled_from_the_rest_of_their_week():
    assert week(2, 2, 2, 2, 9, 0, 0, known=(True,) * 4 + (False,) * 3).tolist() == [[14]]


def test_a_week_of_three_known_days_is_not_known():
    assert np.isnan(week(2, 2, 2, 2, 2, 2, 2, known=(True,) * 3 + (False,) * 4)).all()


def test_a_promotion_is_taken_out_of_history():
    assert week(2, 2, 2, 2, 2, 5, 5, factors=(1, 1, 1, 1, 1, 2.5, 2.5)).tolist() == [[14]]


def test_closed_days_tell_nothing():
    assert week(2, 2, 2, 2, 0, 0, 0, factors=(1, 1, 1, 1, 0, 0, 0)).tolist() == [[14]]


def test_a_forecast_gets_promotions_back():
    factors = np.array([[1.0] * 7 + [2.0] * 7 + [1, 1, 1, 1, 1, 1, 0]])
    assert weeks_ahead(np.array([[70.0, 70, 70]]), factors=factors) == pytest.approx(np.array([[70, 140, 60.0]]))


def test_what_a_holiday_sells_is_learnt_from_two_years():
    totals = np.full(800, 50.0)
    totals[[100, 465]] = 10
    # (10 + 10 + 50) / (50 + 50 + 50): drawn towards an ordinary day
    assert holiday_factors(totals, {100: "Seollal", 465: "Seollal"}) == {"Seollal": pytest.approx(70 / 150)}


def test_nothing_is_learnt_of_one_year_or_of_few_pieces():
    totals = np.full(800, 50.0)
    assert holiday_factors(totals, {100: "Seollal"}) == {}
    assert holiday_factors(np.full(800, 5.0), {100: "Seollal", 465: "Seollal"}) == {}


def test_other_holidays_are_no_ordinary_days_to_compare_with():
    totals = np.full(800, 50.0)
    totals[[107, 472]] = 0
    names = {100: "Chuseok", 465: "Chuseok", 107: "Other", 472: "Other"}
    assert holiday_factors(totals, names)["Chuseok"] == 1
