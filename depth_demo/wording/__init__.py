"""Results in words: numbers in, text out."""
