"""Which method is believed, when nothing is said, and what the band and the errors mean."""

import numpy as np
import pytest

from purchasing.services.forecasting import ENOUGH_SOLD, back_test, choosing, enough, forecast
from purchasing.services.forecasting.methods import run_all

NAN = np.nan


def noisy(level=20.0, weeks=60, seed=1, series=1):
    return np.random.default_rng(seed).poisson(level, (series, weeks)).astype(float)


def test_thirteen_weeks_with_sales_are_enough_and_twelve_are_not():
    weeks = np.full((2, 20), NAN)
    weeks[:, 4:] = 0
    weeks[0, 4 : 4 + ENOUGH_SOLD] = 3
    weeks[1, 4 : 4 + ENOUGH_SOLD - 1] = 3
    assert enough(weeks).tolist() == [True, False]


def test_without_enough_data_nothing_is_said():
    outlook = forecast(np.array([[NAN] * 40 + [3, 4, 5, 6.0]]), horizon=3)
    assert outlook.is_enough.tolist() == [False]
    assert np.isnan(outlook.ahead).all()
    assert np.isnan(outlook.low).all()


def test_the_mean_of_methods_is_believed_of_noise():
    outlook = forecast(noisy(series=40), horizon=4)
    assert (outlook.method == "combined").mean() > 0.9
    assert outlook.ahead.mean() == pytest.approx(20, abs=2)


def test_a_clear_yearly_season_makes_last_year_the_method():
    season = 50 + 45 * np.sin(np.arange(52) / 52 * 2 * np.pi * 4)
    weeks = np.tile(season, 3)[None, :] + np.random.default_rng(3).normal(0, 1, (1, 156))
    outlook = forecast(weeks, horizon=6)
    assert outlook.method.tolist() == ["naive"]
    assert outlook.ahead[0] == pytest.approx(weeks[0, 104:110])


def test_a_clear_trend_makes_a_method_with_trend_the_choice():
    outlook = forecast(np.arange(10.0, 90.0)[None, :], horizon=4)
    assert outlook.method[0] in {"smoothing", "theta"}
    assert outlook.ahead[0, 0] > 85


def test_the_back_test_sees_nothing_later():
    weeks = noisy(weeks=40)
    later = weeks.copy()
    later[:, -1] = 10_000  # after the last point of the past only the last week of its future is another
    one, other = back_test(weeks, horizon=4), back_test(later, horizon=4)
    assert np.array_equal(one.gaps["combined"][0, :, :3], other.gaps["combined"][0, :, :3])
    assert np.array_equal(one.gaps["combined"][1:], other.gaps["combined"][1:])
    assert np.array_equal(one.units, other.units)


def test_errors_by_hand():
    weeks = np.array([[2, 4, 2, 4, 2, 4, 2, 4, 2, 4.0]])
    residuals = back_test(weeks, horizon=2)
    # naive says the last week twice and is off by 2 in every other week; it was always off by 2 a week ahead
    assert residuals.pieces("naive").tolist() == [1]
    assert residuals.weekly("naive").tolist() == [0.5]
    assert residuals.whole("naive").tolist() == [0.5]
    assert residuals.origins.tolist() == [5]  # the sixth point has three known weeks before it


def test_unknown_weeks_are_no_errors():
    weeks = noisy(weeks=40)
    weeks[:, -3:] = NAN
    residuals = back_test(weeks, horizon=4)
    assert np.isnan(residuals.gaps["combined"][0, 0]).tolist() == [False, True, True, True]
    assert np.isfinite(residuals.weekly("combined")).all()


def test_a_series_that_never_changes_is_not_judged():
    assert forecast(np.full((1, 40), 5.0), horizon=2).is_enough.tolist() == [False]


def test_the_band_holds_about_eight_of_ten_weeks_that_come():
    weeks = noisy(series=300, weeks=64, seed=5)
    outlook = forecast(weeks[:, :60], horizon=4)
    inside = (weeks[:, 60:] >= outlook.low) & (weeks[:, 60:] <= outlook.high)
    assert 0.75 < inside.mean() < 0.95
    assert outlook.deviation.mean() == pytest.approx(20**0.5, rel=0.25)


def test_the_chosen_method_is_better_by_what_is_asked():
    weeks = noisy(series=60, weeks=50, level=3, seed=9)
    outlook = forecast(weeks, horizon=4)
    other = outlook.method != "combined"
    scores = np.stack([outlook.residuals.score(name) for name in choosing.NAMES])
    chosen = np.array([list(choosing.NAMES).index(name) for name in outlook.method])
    assert (scores[chosen, np.arange(60)][other] < scores[0][other] * 0.7).all()
    assert (outlook.ahead[~other] == run_all(weeks, 4)["combined"][~other]).all()
    assert outlook.error == pytest.approx(
        [outlook.residuals.weekly(name)[place] for place, name in enumerate(outlook.method)]
    )
