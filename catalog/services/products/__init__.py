"""Products themselves: how they enter, are copied, edited, tagged, gathered and found."""
