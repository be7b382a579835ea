"""Entry point of the Space and of `python app.py`."""

from depth_demo.ui.demo import build_demo, launch

demo = build_demo()

if __name__ == "__main__":
    launch(demo)
