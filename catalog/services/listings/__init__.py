"""Where products are sold: listed, started and ended by the clock, judged, taken off sale."""
