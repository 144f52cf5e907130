"""Postcodes of Japan and Korea, and how addresses, phones and readings are written."""
