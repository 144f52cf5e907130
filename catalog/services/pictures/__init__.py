"""Pictures: stored, shown, fetched, brought home from designers, compared with the prices they show."""
