"""Forecasts of many series at once: plain numpy, no tables. A series is a row of weeks; NaN is a week nobody knows."""

from purchasing.services.forecasting.choosing import Outlook, back_test, forecast
from purchasing.services.forecasting.methods import METHODS, Fit

__all__ = ["METHODS", "Fit", "Outlook", "back_test", "forecast"]
