"""Each method on a short series that can be followed by hand, or against reference values of another library.

Reference values: statsmodels 0.15.0 on ``SERIES``; exponential smoothing by ``ETSModel(error="add", trend="add",
damped_trend=True)``, the first level the first value, the first trend 0, ``smoothing_trend`` = alpha x beta.
"""

import numpy as np
import pytest

from purchasing.services.forecasting import methods

NAN = np.nan
SERIES = np.array([[12, 15, 11, 18, 20, 17, 22, 25, 21, 24, 28, 26, 23, 29, 31, 27, 30, 33, 29, 35.0]])


def row(*weeks):
    return np.array([weeks], dtype=float)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ((0.4, 0.2, 0.8), [32.86561683759861, 33.23589898954057, 33.53212471109415, 33.76910528833701]),
        ((0.2, 0.05, 0.95), [31.305100847900526, 31.71011366435223, 32.09487583998135, 32.46039990682901]),
    ],
)
def test_damped_trend_says_what_the_reference_says(parameters, expected):
    assert methods.damped(SERIES, 4, [parameters])[0] == pytest.approx(expected, rel=1e-12)


def test_the_drift_of_theta_is_half_the_slope_of_the_reference():
    said = methods.drifting(SERIES, 4, [0.605662274806594])[0]
    assert np.diff(said) == pytest.approx([1.0691729323308268 / 2] * 3, rel=1e-12)
    # ThetaModel counts the drift of the first weeks a little otherwise
    assert said == pytest.approx([33.90562509729419, 34.4402115634596, 34.97479802962501, 35.50938449579043], abs=1e-6)


def test_naive_says_the_last_known_week():
    assert methods.naive(row(3, 5, 8, NAN), 2).tolist() == [[8, 8]]


def test_naive_says_the_week_a_year_ago_where_two_years_are_known():
    weeks = np.arange(104.0)[None, :]
    assert methods.naive(weeks, 3).tolist() == [[52, 53, 54]]
    weeks[0, 53] = NAN  # that week is not known: as the last one
    assert methods.naive(weeks, 3).tolist() == [[52, 103, 54]]


def test_naive_does_not_take_a_half_known_first_year_for_a_season():
    weeks = np.arange(104.0)[None, :]
    weeks[0, :30] = NAN
    assert methods.naive(weeks, 2).tolist() == [[103, 103]]


def test_average_takes_the_window_that_erred_least():
    stepped = row(*[0] * 20, *[8] * 12)
    assert methods.average(stepped, 2).tolist() == [[8, 8]]
    noisy = row(*[2, 6] * 16)
    assert methods.average(noisy, 1).tolist() == [[4]]


def test_the_median_is_not_moved_by_one_great_order():
    assert methods.median(row(1, 2, 3, 2, 900, 2, 3, 1), 2).tolist() == [[2, 2]]
    assert methods.median(row(*[7] * 4, *[NAN] * 8), 1).tolist() == [[7]]


def test_croston_by_hand():
    # size 6 after the first sale; then 0.5 x 2 + 0.5 x 6 = 4; interval 1, then 0.5 x 3 + 0.5 x 1 = 2; less a quarter
    assert methods.croston(row(6, 0, 0, 2), 2, [(0.5, 0.5)]).tolist() == [[1.5, 1.5]]


def test_croston_does_not_count_unknown_weeks_as_waiting():
    known = methods.croston(row(6, 0, 0, 2), 1, [(0.5, 0.5)])
    assert methods.croston(row(6, 0, NAN, NAN, 0, 2), 1, [(0.5, 0.5)]).tolist() == known.tolist()


def test_tsb_by_hand_dies_out():
    # size stays 6; the chance halves with each week without a sale: 1, 0.5, 0.25
    assert methods.tsb(row(6, 0, 0), 2, [(0.5, 0.5)]).tolist() == [[1.5, 1.5]]
    assert methods.tsb(row(6, 0, NAN, 0), 1, [(0.5, 0.5)]).tolist() == [[1.5]]


@pytest.mark.parametrize("name", methods.METHODS)
def test_unknown_weeks_teach_nothing(name):
    steady = row(*[5] * 20)
    holes = row(*[5] * 8, NAN, NAN, *[5] * 8, NAN)
    assert methods.METHODS[name](holes, 3) == pytest.approx(methods.METHODS[name](steady, 3))


@pytest.mark.parametrize("name", methods.METHODS)
def test_every_method_does_without_sales_and_without_knowledge(name):
    said = methods.METHODS[name](np.array([[0.0] * 6, [NAN] * 6]), 2)
    assert said[0].tolist() == [0, 0]
    assert np.isnan(said[1]).all()


@pytest.mark.parametrize("name", methods.METHODS)
def test_series_do_not_touch_each_other_and_nothing_is_below_nothing(name):
    falling, rising = np.linspace(30, 0, 24), np.linspace(0, 30, 24)
    together = methods.METHODS[name](np.array([falling, rising]), 12)
    assert together[0] == pytest.approx(methods.METHODS[name](falling[None, :], 12)[0])
    assert together[1] == pytest.approx(methods.METHODS[name](rising[None, :], 12)[0])
    assert (together >= 0).all()


def test_combined_is_the_mean_of_its_methods_and_great_weeks_are_cut_for_all_but_naive():
    weeks = row(*[4] * 19, 400)
    said = methods.run_all(weeks, 1)
    assert said["naive"].tolist() == [[400]]
    # the 95 % quantile of twenty weeks: 0.05 of the way from the 19th to the 20th
    assert methods.capped(weeks)[0, -1] == pytest.approx(4 + 0.05 * 396)
    assert said["combined"] == pytest.approx(np.mean([said[name] for name in methods.COMBINED], axis=0))


def test_the_scale_is_the_mean_step_from_week_to_week():
    assert methods.scale(np.array([[1, 4, 2, NAN, 3.0], [2, 2, 2, 2, 2]]))[0] == (3 + 2 + 1) / 3
    assert np.isnan(methods.scale(row(2, 2, 2)))[0]


def test_the_scale_is_the_mean_step_from_year_to_year_where_two_are_known():
    weeks = np.tile(np.arange(52.0), 2)[None, :]
    weeks[0, 52:] += 7
    assert methods.scale(weeks).tolist() == [7]
