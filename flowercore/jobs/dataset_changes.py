"""Changing a kept dataset as a whole, unless somebody works with it just now."""

from __future__ import annotations

from flowercore.audit import store
from flowercore.data import catalog, keeping
from flowercore.data.catalog import LOCAL
from flowercore.data.names import shown
from flowercore.errors import DatasetError, JobError, NotFoundError
from flowercore.jobs import tasks
from flowercore.runs import store as run_store


def rename(name: str, new_name: str, visitor: str = LOCAL) -> str:
    """Give a dataset another name; see `flowercore.data.keeping.rename`. Its audit goes with it.

    Args:
        name: Its name.
        new_name: As a person typed it.
        visitor: Who asks; the operator by default.

    Raises:
        DatasetError: If it is not theirs.
        JobError: If a training or task uses it.
    """
    require_own(name, visitor)
    _refuse_in_use(name, "renamed")
    new_name = keeping.rename(name, new_name)
    if new_name != name:
        store.move(name, new_name)
    return new_name


def delete(name: str, visitor: str = LOCAL) -> None:
    """Delete a dataset; see `flowercore.data.keeping.delete`. Its audit goes too.

    Args:
        name: Its name.
        visitor: Who asks; the operator by default.

    Raises:
        DatasetError: If it is not theirs.
        JobError: If a training or task uses it.
    """
    require_own(name, visitor)
    _refuse_in_use(name, "deleted")
    keeping.delete(name)
    store.delete(name)


def require_own(name: str, visitor: str) -> None:
    """Refuse a visitor who may not change a dataset.

    Raises:
        NotFoundError: If there is none of that name for them.
        DatasetError: If it is shared.
    """
    entry = next((one for one in catalog.entries() if one.name == name), None)
    if entry is None or not catalog.visible(entry, visitor):
        raise NotFoundError(f"There is no dataset of that name. Received: '{shown(name)}'.")
    if not catalog.may_change(entry, visitor):
        raise DatasetError(
            f"A shared dataset is for looking only. Received: '{shown(name)}'. Make a copy of "
            "your own, or ask whoever runs this dashboard."
        )


def _refuse_in_use(name: str, what: str) -> None:
    root = str(keeping.folder(name))
    runs = sum(run.active and run.config.get("data") in (name, root) for run in run_store.runs())
    working = sum(task.arguments.get("data") == name for task in tasks.all_active())
    if runs or working:
        user = "A training" if runs else "A task"
        raise JobError(
            f"A dataset that is in use cannot be {what}. Received: '{shown(name)}'. {user} works "
            "with it just now: wait for its end or stop it."
        )
