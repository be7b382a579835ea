"""The command line: what its options give, and the model that they name."""
