"""What the demo prints."""
import sys


def say(text=""):
    print(text, flush=True)


class Progress:
    """A line at the bottom that keeps changing on a terminal; nothing elsewhere."""

    def __init__(self):
        self._terminal = sys.stdout.isatty()

    def line(self, text):
        self._clear()
        say(text)

    def show(self, text):
        if self._terminal:
            print(f"\r\033[K{text}", end="", flush=True)

    def _clear(self):
        if self._terminal:
            print("\r\033[K", end="")

    done = _clear


def print_table(head, rows):
    lines = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        say("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
