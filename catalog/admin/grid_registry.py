"""The grid of variants, grouped by product; this app and upper ones register their columns on it."""

from core.ui.grid import Grid

catalog_grid = Grid()
