"""Parts of tabs that stand for themselves."""
