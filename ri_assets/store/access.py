"""Why a file cannot be read or written: space, rights, credentials, or the network.

Belongs here: translating errors of the system and of libraries into a message with a remedy.
Does not belong here: missing and damaged files (`ri_assets.store.files`).
"""

from __future__ import annotations

import errno
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from ri_assets.errors import AccessError, RIError


@dataclass(frozen=True)
class _Cause:
    found: str
    expected: str
    remedy: str


_SPACE = _Cause(
    "no space is left on the disk",
    "a disk with space left",
    "free space there, or choose a place on another disk; then run the same command again",
)
_QUOTA = _Cause(
    "the disk quota of this user is used up",
    "a quota that leaves space",
    "delete files of this user, or have the quota raised; then run the same command again",
)
_FILE_SIZE = _Cause(
    "the file would be larger than this process may write",
    "a higher limit on the size of files",
    "raise the limit (`ulimit -f unlimited`); then run the same command again",
)
_READ_ONLY = _Cause(
    "the file system is read-only",
    "a place that can be written",
    "mount it writable, or choose another place",
)
_RIGHTS = _Cause(
    "permission denied",
    "the right to do so for the user who runs the command",
    "give that user the right (on a disk: `ls -ld` shows who has it; on S3: the policy of the "
    "bucket and the key), or choose another place",
)
_BLOCKED = _Cause(
    "a file stands where a folder is needed",
    "a folder",
    "move the file away, or choose another place",
)
_DISK = _Cause(
    "the disk reports an error",
    "a disk that works",
    "check the system log; the disk or its connection may be failing",
)
_FILES = _Cause(
    "too many files are open",
    "a higher limit on open files",
    "raise the limit (`ulimit -n 4096`); then run the same command again",
)
_NETWORK = _Cause(
    "the server cannot be reached",
    "a connection to the server of the store",
    "check the network and the endpoint (FSSPEC_S3_ENDPOINT_URL); then run the same command again",
)
_CREDENTIALS = _Cause(
    "there are no credentials for it",
    "a key that the server knows",
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
)
_NO_PLACE = _Cause(
    "the place does not exist",
    "a folder or a bucket that exists",
    "make the bucket or the folder first, or correct the address",
)
_OTHER = _Cause(
    "",
    "a place that takes the file",
    "check the address of the store, and its disk or its server",
)

_BY_NUMBER = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _QUOTA,
    errno.EFBIG: _FILE_SIZE,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.ENOTDIR: _BLOCKED,
    errno.EEXIST: _BLOCKED,
    errno.EIO: _DISK,
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.ECONNREFUSED: _NETWORK,
    errno.ECONNRESET: _NETWORK,
    errno.EHOSTUNREACH: _NETWORK,
    errno.ENETUNREACH: _NETWORK,
    errno.ETIMEDOUT: _NETWORK,
}
_SOMEWHERE = "a file, perhaps in the temporary folder (TMPDIR)"
# Only the extra `s3` installs these libraries, so their classes are known by name.
_REMOTE = frozenset({"aiobotocore", "aiohttp", "botocore"})
_WITHOUT_KEY = frozenset(
    {
        "CredentialRetrievalError",
        "NoAuthTokenError",
        "NoCredentialsError",
        "PartialCredentialsError",
    }
)


def access_error(error: BaseException, doing: str, place: str) -> AccessError | None:
    """Explain why something cannot be read or written; None if the error has another cause.

    Parameters
    ----------
    error
        Exception of the system or of a library.
    doing
        The operation, as a verb.
    place
        The file or folder.
    """
    cause = _cause(error)
    if cause is None:
        return None
    at = getattr(error, "filename", None)
    # Show a parent folder only; other files are temporary, or the same place.
    is_on_the_way = isinstance(at, str) and at != place and place.startswith(f"{at}/")
    where = f" ({at})" if is_on_the_way else ""
    return AccessError(
        f"cannot {doing} {place}: {cause.found}{where}", cause.expected, cause.remedy
    )


def system_error(error: OSError) -> AccessError | None:
    """Explain an error that no module has handled."""
    place = error.filename if isinstance(error.filename, str) else _SOMEWHERE
    return access_error(error, "read or write", place)


def _cause(error: BaseException) -> _Cause | None:
    if isinstance(error, RIError):
        return None
    kind = type(error)
    if kind.__module__.partition(".")[0] in _REMOTE:
        return _CREDENTIALS if kind.__name__ in _WITHOUT_KEY else _NETWORK
    if not isinstance(error, OSError):
        return None
    if error.errno is not None:
        return _BY_NUMBER.get(error.errno)
    # Libraries for remote stores raise these without an errno.
    if isinstance(error, PermissionError):
        return _RIGHTS
    return _NETWORK if isinstance(error, ConnectionError | TimeoutError) else None


@contextmanager
def told(doing: str, place: str, *, is_writing: bool = False) -> Iterator[None]:
    """Turn errors of access into an `AccessError`.

    Parameters
    ----------
    doing, place
        As for `access_error`.
    is_writing
        Whether a missing place, and every other system error, also prevents the operation.
    """
    try:
        yield
    # Anything that is not about access is raised again unchanged.
    except Exception as error:  # the libraries for remote stores have no common base class
        problem = access_error(error, doing, place)
        if problem is None and is_writing and isinstance(error, OSError):
            said = str(error).partition("\n")[0]
            cause = _NO_PLACE if isinstance(error, FileNotFoundError) else _OTHER
            problem = AccessError(f"cannot {doing} {place}: {said}", cause.expected, cause.remedy)
        if problem is None:
            raise
        raise problem from error


class _Placed(Protocol):
    def path(self, name: str) -> str: ...


S = TypeVar("S", bound=_Placed)
P = ParamSpec("P")
R = TypeVar("R")
Method = Callable[Concatenate[S, str, P], R]


def reads(method: Method[S, P, R]) -> Method[S, P, R]:
    """Wrap a method that reads the file named by its first argument."""

    @functools.wraps(method)
    def wrapped(self: S, name: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with told("read", self.path(name)):
            return method(self, name, *args, **kwargs)

    return wrapped


def writes(method: Method[S, P, R]) -> Method[S, P, R]:
    """Wrap a method that writes or removes what its first argument names."""

    @functools.wraps(method)
    def wrapped(self: S, name: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with told("write", self.path(name), is_writing=True):
            return method(self, name, *args, **kwargs)

    return wrapped
