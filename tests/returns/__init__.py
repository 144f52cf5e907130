"""Return cases, from the first word to the last won."""
