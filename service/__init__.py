"""Customer service: what people write, who answers, what was answered."""
