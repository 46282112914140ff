"""Reading a page as a visitor would."""

from __future__ import annotations

import gc

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button


def texts(app: AppTest) -> str:
    """Return all words of a page, for "is it said anywhere"."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.error, app.warning, app.info)
    said = [element.value for kind in kinds for element in kind]
    said += [element.value for element in app.success]
    said += [element.label for element in (*app.button, *app.expander)]
    said += [element.value for element in app.page_link]
    said += [f"{element.label}: {element.value}" for element in app.metric]
    return shown("\n".join(said))


def shown(markdown: str) -> str:
    """Return Markdown without the signs that keep names plain, and with plain spaces."""
    return markdown.replace("\\", "").replace("\u202f", " ").replace("**", "")


def errors(app: AppTest) -> list[str]:
    """Return the page's error messages."""
    return [shown(element.value) for element in app.error]


def button(app: AppTest, label: str, place: int = 0) -> AppTest:
    """Click a button by its label and return the page after it."""
    buttons = [one for one in app.button if shown(one.label) == label]
    buttons[place].click().run()
    assert not app.exception, app.exception[0].message
    return app


def start_button(app: AppTest) -> Button:
    """Return the button that starts a training with the form's settings."""
    return next(one for one in app.button if one.label == "Start training")


def pictures(app: AppTest) -> list[str]:
    """Return the text alternatives of the page's pictures that carry meaning."""
    return [
        picture.alt for image in app.get("image") for picture in image.proto.imgs if picture.alt
    ]


def kept_by_streamlit() -> list[bytes]:
    """Return the bytes of all uploads that Streamlit holds, also for other sessions."""
    managers = [one for one in gc.get_objects() if isinstance(one, MemoryUploadedFileManager)]
    assert managers
    sessions = [files for one in managers for files in one.file_storage.values()]
    return [record.data for files in sessions for record in files.values()]
