"""Training: synthetic scenes, the recipe, and the command that makes Depth Demo Tiny. Nothing else imports this."""
