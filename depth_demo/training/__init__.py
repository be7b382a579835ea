"""The training recipe of Depth Anything V1 and V2 in small, explained in docs/training.md."""
