"""The believable shop of `manage.py demo`: planned from a seed, filled through the services."""
