"""Entry point of the Space and of `python app.py`."""

import sys

from depth_demo.serving.process import quick_start

with quick_start():
    from depth_demo.ui.page import build_demo, launch

    try:
        demo = build_demo()
    except ValueError as error:  # in one sentence
        sys.exit(f"depth-demo: {error}")

if __name__ == "__main__":
    launch(demo)
