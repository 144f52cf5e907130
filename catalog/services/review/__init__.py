"""The review between registering and selling, the tasks that follow it and who hears of it."""
