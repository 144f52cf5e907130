"""Money as providers and banks tell it: authorised, captured, void, matched, granted back and sent back."""
