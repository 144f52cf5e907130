"""Work itself: moved from status to status, done, paused, timed."""
