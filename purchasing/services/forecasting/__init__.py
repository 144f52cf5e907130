"""Forecasts of many series at once: plain numpy, no tables. A series is a row of weeks; NaN is a week nobody knows."""

from purchasing.services.forecasting.bending import holiday_factors, weeks_ahead, weeks_of
from purchasing.services.forecasting.choosing import (
    ENOUGH_SOLD,
    ENOUGH_WEEKS,
    Outlook,
    Residuals,
    back_test,
    enough,
    forecast,
)
from purchasing.services.forecasting.lumps import day_sizes, is_lumpy
from purchasing.services.forecasting.methods import COMBINED, METHODS, scale

__all__ = [
    "COMBINED",
    "ENOUGH_SOLD",
    "ENOUGH_WEEKS",
    "METHODS",
    "Outlook",
    "Residuals",
    "back_test",
    "day_sizes",
    "enough",
    "forecast",
    "holiday_factors",
    "is_lumpy",
    "scale",
    "weeks_ahead",
    "weeks_of",
]
