"""The training of Depth Demo Tiny 2: synthetic scenes, losses, the loop and the command. No other package imports this one."""
