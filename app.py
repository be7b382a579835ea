"""Entry point of the Space and of `python app.py`."""

from depth_demo.serving.process import quick_start

with quick_start():
    from depth_demo.ui.page import build_demo, launch

    demo = build_demo()

if __name__ == "__main__":
    launch(demo)
