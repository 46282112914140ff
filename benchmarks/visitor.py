"""A visitor without a browser: a websocket that speaks Streamlit's protobufs.

It opens pages, runs them again and presses buttons as a browser would, and tells when the first
element came and when the script had ended. What a browser adds, drawing, is not in it.
"""

from __future__ import annotations

import urllib.request
from contextlib import AbstractContextManager
from dataclasses import dataclass
from time import perf_counter

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

SECONDS = 120
"""How long to wait for a message of the server."""


@dataclass(frozen=True)
class Shown:
    """Seconds of one run of a page's script.

    Attributes:
        first: Until the first element of the page came.
        whole: Until the script had ended.
    """

    first: float
    whole: float


class Visitor(AbstractContextManager["Visitor"]):
    """One visitor with a cookie of their own and one open page.

    Args:
        address: Of the server: ``http://127.0.0.1:8501``.
    """

    def __init__(self, address: str) -> None:
        self._stream = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:
            given = answer.headers.get_all("Set-Cookie") or []
        self._cookie = "; ".join(one.partition(";")[0] for one in given)
        self._socket: connect | None = None
        self._script, self._query = "", ""
        self._buttons: dict[str, str] = {}

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Close the page."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def open(self, page: str, query: str = "") -> Shown:
        """Open a page in a new session, as a browser does at an address.

        Args:
            page: Its address without a slash; empty for the first one.
            query: What follows the question mark.
        """
        self.leave()
        self._buttons, self._query = {}, query
        began = perf_counter()
        headers = {"Cookie": self._cookie} if self._cookie else {}
        self._socket = connect(
            self._stream,
            additional_headers=headers,
            subprotocols=["streamlit"],
            max_size=None,
            open_timeout=SECONDS,
            compression=None,
        )
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        return self._run(message, began)

    def rerun(self) -> Shown:
        """Run the page's script again."""
        began = perf_counter()
        return self._run(self._again(), began)

    def press(self, label: str) -> Shown:
        """Press a button.

        Args:
            label: What stands on it.

        Raises:
            KeyError: If the page has none of that label.
        """
        began = perf_counter()
        message = self._again()
        state = message.rerun_script.widget_states.widgets.add()
        state.id = self._buttons[label]
        state.trigger_value = True
        return self._run(message, began)

    def _again(self) -> BackMsg:
        message = BackMsg()
        message.rerun_script.page_script_hash = self._script
        message.rerun_script.query_string = self._query
        return message

    def _run(self, message: BackMsg, began: float) -> Shown:
        assert self._socket is not None
        self._socket.send(message.SerializeToString())
        first = 0.0
        while True:
            raw = self._socket.recv(timeout=SECONDS)
            if isinstance(raw, str):
                raise RuntimeError(f"Streamlit sends bytes. Received: {raw[:80]!r}.")
            answer = ForwardMsg()
            answer.ParseFromString(raw)
            kind = answer.WhichOneof("type")
            if kind == "navigation":
                self._script = answer.navigation.page_script_hash
            elif kind == "page_not_found":
                raise RuntimeError(f"There is no page {message.rerun_script.page_name!r}.")
            elif kind in ("delta", "ref_hash"):
                # What the browser has already is only named, in place of its content.
                first = first or perf_counter() - began
                self._look(answer)
            elif kind == "script_finished":
                finished = answer.script_finished
                if finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise RuntimeError("The page's script cannot be compiled.")
                if finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    whole = perf_counter() - began
                    return Shown(first or whole, whole)

    def _look(self, answer: ForwardMsg) -> None:
        element = answer.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise RuntimeError(f"The page failed: {element.exception.message}")
        if kind == "button":
            self._buttons[element.button.label] = element.button.id
