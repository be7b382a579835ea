"""Maps and surfaces as pictures; nothing here computes depth."""
