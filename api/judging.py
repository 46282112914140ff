"""Photos judged in a few threads while the next ones arrive, so that the pages go on."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import anyio
from anyio import to_thread
from starlette.requests import ClientDisconnect

from api.photos import Photo, refused
from api.refusal import RefusedError
from flowercore.errors import FlowercoreError
from flowercore.prediction.answer import Prediction, PredictionFailure
from flowercore.prediction.predictor import Predictor
from flowercore.settings import Limits

_LOG = logging.getLogger("flower_lab")


class Judge:
    """Lets photos be judged, those of all clients in turn.

    Args:
        threads: How many at once. A client's next photo is read when one of its own is done.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self.limiter = anyio.CapacityLimiter(threads)

    async def answers(
        self, predictor: Predictor, photos: AsyncIterator[Photo], limits: Limits
    ) -> list[dict[str, Any]]:
        """Return an answer or an error for each photo, in their order.

        Args:
            predictor: Who judges.
            photos: As they arrive. Each is dropped when it is judged.
            limits: What a photo may be like.

        Raises:
            RefusedError: If the request is refused as a whole.
            FlowercoreError: If the run cannot answer.
            ClientDisconnect: If nobody waits for the answers any more.
        """
        found: list[dict[str, Any]] = []
        room = anyio.Semaphore(self._threads)
        stopped: list[Exception] = []

        async def judge(place: int, photo: Photo) -> None:
            try:
                found[place] = await self._one(predictor, photo, limits)
            except Exception as error:  # told to the caller, not as one of a group
                stopped.append(error)
            finally:
                room.release()

        async with anyio.create_task_group() as group:
            try:
                async for photo in photos:
                    if stopped:
                        break
                    found.append({})
                    await room.acquire()
                    group.start_soon(judge, len(found) - 1, photo)
            except (RefusedError, ClientDisconnect) as error:
                stopped.append(error)
        if stopped:
            raise stopped[0]
        return found

    async def _one(self, predictor: Predictor, photo: Photo, limits: Limits) -> dict[str, Any]:
        reason = refused(photo, limits)
        if reason is not None:
            return {"photo": photo.name, "error": reason}
        ask = partial(predictor.predict, [(photo.name, bytes(photo.content))])
        photo.content.clear()
        try:
            (outcome,) = await to_thread.run_sync(ask, limiter=self.limiter)
        except FlowercoreError:
            raise
        except Exception:
            _LOG.exception("A photo could not be judged.")
            return {"photo": photo.name, "error": "This photo could not be judged."}
        return answer(outcome)


def answer(outcome: Prediction | PredictionFailure) -> dict[str, Any]:
    """Return what a program is told of one photo."""
    if isinstance(outcome, PredictionFailure):
        return {"photo": outcome.photo, "error": outcome.error}
    return {
        "photo": outcome.photo,
        "label": outcome.label,
        "verdict": outcome.verdict,
        "probabilities": outcome.probabilities,
        "calibrated": outcome.calibrated,
        "novel": outcome.novel,
        "distance": outcome.distance,
        "milliseconds": round(1000 * outcome.seconds, 1),
    }
