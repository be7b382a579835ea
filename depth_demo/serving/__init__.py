"""What lets strangers share one server: who is here, what is kept for whom, what is refused, and what is written down."""
