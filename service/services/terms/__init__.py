"""By when a ticket is answered, and who hears that it is late."""
