"""The command line: ``python -m flowercore COMMAND``.

Progress goes to standard error; with ``--json``, one JSON value goes to standard output. Exit
status: 0 done, 1 something failed, 2 the arguments cannot be used, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from flowercore.errors import FlowercoreError


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message[:1].upper()}{message[1:]} See: {self.prog} --help\n")


def _number(kind: type, rule: str) -> Callable[[str], float]:
    def convert(text: str) -> float:
        try:
            return kind(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"must be {rule}. Received: {text!r}.") from error

    return convert


_WHOLE = _number(int, "a whole number")
_REAL = _number(float, "a number")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m flowercore", description="Transfer learning on folders of flower photos."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--json", action="store_true", help="print one JSON value")
        return command

    command = add(
        "prepare", "Compile the pretrained network and paint the sample garden, once a machine."
    )
    command.add_argument("--backbone", help="compile this one; default: the default, and paint")
    add("datasets", "List the datasets that are there.")

    command = add("import", "Import a folder, zip or tgz of class folders as a dataset.")
    command.add_argument("source", help="folder or archive")
    command.add_argument("--name", required=True, help="what the dataset shall be called")

    command = add("download", "Fetch a published dataset: tiny_FR or flower_photos.")
    command.add_argument("name", metavar="NAME", help="tiny_FR or flower_photos")
    command.add_argument("--file", help="its archive, where it is at hand: nothing is fetched")

    command = add("rename", "Give a dataset another name.")
    command.add_argument("name", metavar="NAME", help="a dataset's name")
    command.add_argument("new_name", metavar="NEW_NAME", help="what it shall be called")

    command = add("delete", "Delete a dataset; runs that were trained on it stay.")
    command.add_argument("name", metavar="NAME", help="a dataset's name")
    command.add_argument("--yes", action="store_true", help="do not ask")

    command = add("train", "Train a classifier.")
    command.add_argument("--data", required=True, help="a dataset's name, or a folder")
    command.add_argument("--epochs", type=_WHOLE, help="default: 25")
    command.add_argument("--batch-size", type=_WHOLE, help="default: 16")
    command.add_argument("--validation-split", type=_REAL, help="default: 0.1")
    command.add_argument("--test-split", type=_REAL, help="default: 0.2; 0: no test")
    command.add_argument("--learning-rate", type=_REAL, help="default: 0.001")
    command.add_argument("--seed", type=_WHOLE, help="default: 42")
    command.add_argument("--backbone", help="the pretrained network; default: efficientnet-lite0")
    command.add_argument("--name", help="what the run shall be called")
    _add_training_options(command)

    command = add("evaluate", "Show what a run is worth on photos it has not seen.")
    command.add_argument("run", metavar="RUN", help="a run's id")
    command.add_argument("--data", help="a dataset's name, or a folder; default: the test photos")
    command.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="GIVEN=CLASS",
        help="which class of the run a class of the dataset is; 'GIVEN=' leaves its photos out",
    )
    command.add_argument(
        "--leave-out-twins",
        action="store_true",
        help="do not count photos that show the same as one that the run learned from",
    )
    command.add_argument(
        "--robustness",
        action="store_true",
        help="also on its test photos turned, blurred, darker, brighter, compressed and noisy",
    )

    add("runs", "List all runs, the newest first.")

    command = add("starter", "Make the model anew that is there on first start; takes minutes.")
    command.add_argument("--data", required=True, help="a folder of class folders")
    command.add_argument("--others", help="a folder of photos of other things, to measure on")
    command.add_argument("--output", metavar="DIR", required=True, help="where it is written")

    add("backbones", "List the networks that can be trained, and their blocks.")

    command = add("export", "Take a run home: Keras and LiteRT models, labels, a card, an example.")
    command.add_argument("run", metavar="RUN", help="a run's id")
    command.add_argument("--output", metavar="DIR", required=True, help="a new or empty folder")

    command = add("report", "Write what a run is worth as one HTML file, and metrics.json.")
    command.add_argument("run", metavar="RUN", help="a run's id")
    command.add_argument("--output", metavar="FILE", required=True, help="a file.html")
    command.add_argument("--data", help="a dataset it was evaluated on; default: the test photos")

    command = add("compare", "Say whether one of two runs is better on the same test photos.")
    command.add_argument("run_a", metavar="RUN_A", help="a run's id")
    command.add_argument("run_b", metavar="RUN_B", help="another run's id")

    command = add("retrain", "Train as a run did on its photos as they are now, same test photos.")
    command.add_argument("run", metavar="RUN", help="a run's id")
    command.add_argument("--data", help="a mended copy of its dataset; default: the dataset itself")

    command = add("audit", "Find twins, bad photos, strangers and wrong labels in a dataset.")
    command.add_argument("data", metavar="DATASET", help="its name, or a folder")
    command.add_argument("--output", metavar="FILE", help="write the problems there as CSV")

    command = add("edits", "List what was changed about a dataset.")
    command.add_argument("data", metavar="DATASET", help="its name")
    command.add_argument("--output", metavar="FILE", help="write the list there as CSV")

    command = add("cancel", "Stop a run at its next epoch; the epochs done are kept.")
    command.add_argument("run", metavar="RUN", help="a run's id")

    command = add("predict", "Ask a run, or the starter model, about photos.")
    command.add_argument("run", metavar="RUN", help="a run's id, or starter")
    command.add_argument("photos", metavar="PHOTO", nargs="+", help="a photo file")
    command.add_argument(
        "--explain", metavar="DIR", help="write each photo with a map of what speaks for the answer"
    )
    _add_workshop_commands(add)
    return parser


def _add_workshop_commands(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    command = add("doctor", "Check whether this machine is ready for a workshop.")
    command.add_argument("--port", type=_WHOLE, default=8501, help="default: 8501")
    command.add_argument(
        "--running", action="store_true", help="the dashboard runs already: its port is taken"
    )

    command = add("workshop", "Serve a workshop: prints the room's and the leader's address.")
    command.add_argument("--port", type=_WHOLE, default=8501, help="default: 8501")
    command.add_argument(
        "--address", default="0.0.0.0", help="network address to listen on; default: all of them"
    )
    command.add_argument("--cert", metavar="FILE", help="certificate, to serve HTTPS; with --key")
    command.add_argument("--key", metavar="FILE", help="private key of the certificate")


def _add_training_options(command: argparse.ArgumentParser) -> None:
    def add(name: str, text: str, kind: Callable[[str], Any] = str) -> None:
        # Unset options keep the default of TrainConfig, or the value of the recipe.
        command.add_argument(name, type=kind, default=None, help=text)

    command.add_argument(
        "--recipe", help="notebook, fine-tune, control or suspects; options override"
    )
    add("--optimizer", "adam (default) or sgd with momentum")
    add("--schedule", "of the learning rate: constant (default), cosine or plateau")
    add("--dropout", "share of the features dropped in each step; default: 0", _REAL)
    add("--l2", "penalty on the head's squared weights; default: 0", _REAL)
    add("--label-smoothing", "share of the target spread over all classes; default: 0", _REAL)
    command.add_argument(
        "--early-stopping",
        type=_WHOLE,
        nargs="?",
        const=5,
        metavar="PATIENCE",
        help="stop after this many epochs (default: 5) without progress, keep the best weights",
    )
    add("--augment", "augmented views of each training photo; default: 0", _WHOLE)
    add("--augmentations", "changes in them, with commas; default: flip,crop,colour,rotation")
    add("--fine-tune-from", "first block of the backbone that is trained as well; see backbones")
    add("--fine-tune-epochs", "passes of that part; default: 8", _WHOLE)
    add("--fine-tune-learning-rate", "its highest rate; default: 0.0003", _REAL)
    add("--mixup", "blend pairs of photos: parameter of the beta distribution", _REAL)
    add("--weight-average", "momentum of the moving average of its weights; default: 0", _REAL)
    add("--weight-interpolation", "how much of fine-tuning's way the weights go; default: 1", _REAL)
    add("--preprocessing", "backbone (default) or notebook")
    add("--batch-norm", "of the frozen backbone: inference (default), moving or batch, to see harm")
    add("--split", "stratified (default) or notebook")
    add("--split-from", "id of a run whose photos serve for the same again")
    for name, text in (
        ("--class-weights", "let photos of rare classes count more"),
        ("--flip-average", "judge a photo together with its mirror image"),
        ("--tensorboard", "write logs for TensorBoard into the run's folder"),
    ):
        command.add_argument(name, action="store_true", default=None, help=text)


# Commands whose names are taken: by Python, or by a module.
_FUNCTIONS = {"import": "import_", "starter": "starter_"}


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: Words after ``python -m flowercore``; those of this process by default.

    Returns:
        Exit status.
    """
    parsed = _parser().parse_args(arguments)
    # Parsing must answer at once; what the commands import takes a second.
    from flowercore import (
        commands,
        commands_data,
        commands_mend,
        commands_predict,
        commands_report,
        commands_train,
        commands_workshop,
        terminal,
    )
    from flowercore.jobs import dask_shards

    name = _FUNCTIONS.get(parsed.command, parsed.command)
    try:
        homes = (
            commands_data,
            commands_train,
            commands_mend,
            commands_predict,
            commands_report,
            commands_workshop,
            commands,
        )
        home = next(module for module in homes if hasattr(module, name))
        with dask_shards.from_here():
            result = getattr(home, name)(parsed)
    except FlowercoreError as error:
        print(error, file=sys.stderr)
        return commands.exit_status(error)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    if parsed.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        terminal.show(result)
    return int(isinstance(result, list) and any("error" in item for item in result))


if __name__ == "__main__":
    sys.exit(main())
