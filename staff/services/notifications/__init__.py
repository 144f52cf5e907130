"""Telling people: once each, by the ways they chose, sent until it arrives."""
