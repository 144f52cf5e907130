"""What sales channels are told: owed, written into their files, answered."""
