"""Who does what: given, claimed, distributed, limited, released, escalated."""
