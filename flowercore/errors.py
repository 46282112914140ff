"""Errors that a person can act on.

Every message states the rule, then what was received, then what to do, in
words that may be shown on a page: no traceback, no path of the server.

::

    FlowercoreError
    ├── InputError            what the caller gave cannot be used (exit status 2)
    │   ├── ConfigError       a setting is out of its bounds
    │   ├── PhotoError        one photo is refused
    │   ├── ArchiveError      a zip or tar is refused whole
    │   ├── DatasetError      a set of photos cannot be trained on
    │   └── NotFoundError     no run, dataset or backbone has that name
    ├── WeightsError          pretrained weights are missing, damaged or not the expected ones
    ├── DownloadError         a file could not be fetched from the internet
    ├── StorageError          the home folder is full, read-only or damaged
    ├── JobError              a job cannot be accepted, or its worker is gone
    └── CancelledError        the visitor stopped the job
"""


class FlowercoreError(Exception):
    """Base of all errors that Flower Lab raises on purpose."""


class InputError(FlowercoreError):
    """What the caller gave cannot be used."""


class ConfigError(InputError):
    """A setting is out of its bounds."""


class PhotoError(InputError):
    """One photo is refused: not a photo, damaged, or over a limit."""


class ArchiveError(InputError):
    """A zip or tar is refused whole."""


class DatasetError(InputError):
    """A set of photos cannot be used as a dataset."""


class NotFoundError(InputError):
    """No run, dataset or backbone has the given name."""


class WeightsError(FlowercoreError):
    """Pretrained weights are missing, damaged or not the expected ones."""


class DownloadError(FlowercoreError):
    """A file could not be fetched from the internet, or is not the expected one."""


class StorageError(FlowercoreError):
    """The home folder is full, read-only or damaged."""


class JobError(FlowercoreError):
    """A job cannot be accepted, or its worker is gone."""


class CancelledError(FlowercoreError):
    """The visitor stopped the job."""
