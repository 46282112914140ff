"""How long the course's interactions take in a browser, warm: from the click to what it shows.

    python -m benchmarks.learn_page [--times 12]

A home folder is made ready, a server started, and each chapter's own controls are used in turn.
The page itself takes the time: from the key or click, as the browser stamps it, until a frame is
drawn after the script has ended and a text or picture that depends on it is another one. Prints
medians and the slowest of the later times (the first two warm the server and the browser), in
milliseconds. 300 are wanted.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable

from playwright.sync_api import Locator, Page

from benchmarks.served import served

WARM = 2
MAIN = "[data-testid=stMain]"
# A slider says by itself where it stands, before anybody else has heard of it.
TIMED = f"""() => {{
    const app = document.querySelector('[data-testid=stApp]')
    const seen = () => {{
        const parts = [...document.querySelectorAll('{MAIN} [data-testid=stElementContainer]')]
        const told = parts.filter(one => !one.querySelector('[data-testid=stSlider]'))
        const pictures = [...document.querySelectorAll('{MAIN} img')]
        return told.map(one => one.textContent).concat(pictures.map(one => one.src)).join()
    }}
    const before = seen()
    window.taken = new Promise(done => {{
        const heard = new AbortController()
        const begin = event => {{
            heard.abort()
            const look = () => {{
                const shown = app.dataset.testScriptState === 'notRunning' && seen() !== before
                requestAnimationFrame(
                    shown ? () => done(performance.now() - event.timeStamp) : look
                )
            }}
            requestAnimationFrame(look)
        }}
        for (const kind of ['click', 'keydown'])
            document.addEventListener(kind, begin, {{capture: true, signal: heard.signal}})
    }})
}}"""
WANTED = 300

Act = Callable[[int], Callable[[], object]]
"""Gets ready for a number of times and returns the last key or click."""


def key(page: Page, name: str) -> Act:
    """Move a slider by a key, forth and back."""

    def act(number: int) -> Callable[[], object]:
        pressed = "ArrowLeft" if number % 2 else "ArrowRight"
        return lambda: page.get_by_role("slider", name=name).press(pressed)

    return act


def option(page: Page, group: str, *names: str) -> Act:
    """Turn to the next one of the options of a group of radio buttons."""

    def act(number: int) -> Callable[[], object]:
        options = page.get_by_role("radiogroup", name=group)
        return options.get_by_text(names[number % len(names)], exact=True).click

    return act


def weight(page: Page) -> Act:
    """Type a weight of the kernel."""
    field: Locator = page.get_by_role("spinbutton", name="Weight in row 2, column 2")

    def act(number: int) -> Callable[[], object]:
        field.fill(str(number + 1))
        return lambda: field.press("Enter")

    return act


def box(page: Page, name: str, *values: str) -> Act:
    """Choose the next one of the options of a box."""

    def act(number: int) -> Callable[[], object]:
        field = page.get_by_role("combobox", name=name)
        field.fill(values[number % len(values)])
        return lambda: field.press("Enter")

    return act


CHAPTERS: dict[str, dict[str, Callable[[Page], Act]]] = {
    "convolution": {
        "a kernel is picked": lambda page: box(page, "Kernel", "Sharpen", "Blur"),
        "a weight is typed": weight,
        "the stride": lambda page: option(page, "Stride", "2", "1"),
        "the place moves": lambda page: key(page, "From the left"),
    },
    "feature-maps": {
        "the depth": lambda page: option(page, "Depth", "Block 2", "Last layer", "First layer"),
        "the cell moves": lambda page: key(page, "Cell from the left"),
        "the map's strength": lambda page: key(page, "Strength of the map"),
    },
    "anatomy": {
        "the network": lambda page: option(page, "Network", "VGG16", "Xception"),
        "the block": lambda page: box(page, "Block", "block2", "block3"),
    },
    "separable": {
        "the kernel": lambda page: key(page, "Kernel k"),
        "the map's side": lambda page: key(page, "Side D of the map"),
    },
    "transfer": {"how much learns": lambda page: key(page, "How much of it learns")},
    "notebook": {
        "a step": lambda page: option(page, "Step", "2 Resize to 299 pixels", "3 Scale to 0 to 1")
    },
}


def milliseconds(page: Page, act: Act, times: int) -> list[float]:
    """Return how long each of some acts takes until the page shows something else."""
    found = []
    for number in range(times + WARM):
        last = act(number)
        page.evaluate(TIMED)
        last()
        found.append(page.evaluate("window.taken"))
        page.wait_for_timeout(400)
    return found[WARM:]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=12)
    parser.add_argument("--chapter", choices=list(CHAPTERS), help="one only; default: all")
    arguments = parser.parse_args()
    slowest = 0.0
    with served() as one:
        one.page.set_viewport_size({"width": 1440, "height": 900})
        for name, acts in CHAPTERS.items():
            if arguments.chapter not in (None, name):
                continue
            one.page.goto(f"{one.server.address}/learn?view={name}")
            one.page.get_by_role("heading", level=2).wait_for()
            one.page.wait_for_timeout(2500)
            print(name)
            for words, prepared in acts.items():
                found = milliseconds(one.page, prepared(one.page), arguments.times)
                slowest = max(slowest, max(found))
                print(f"  {words}: median {statistics.median(found):.0f}, slowest {max(found):.0f}")
    print(f"slowest of all: {slowest:.0f} of {WANTED} ms")


if __name__ == "__main__":
    main()
