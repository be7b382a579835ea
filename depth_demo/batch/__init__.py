"""Score a whole data set: one pair becomes one row, rows become a table and a report, and several machines may help."""
