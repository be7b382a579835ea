"""How far a map is from the truth: alignment, metrics, failure regions."""
