"""Connections to MySQL and MariaDB: deadlines, retries, and error messages."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CR, ER
from pymysql.cursors import SSCursor
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from ri_assets.errors import SourceError
from ri_assets.sources.mysql_login import explained_login, login_handlers
from ri_assets.sources.mysql_url import DEFAULT_PORT, MySQLTarget

ATTEMPTS = 3
WAIT_SECONDS = 0.5
_LONGER = 4  # each wait compared with the one before

_UNREACHABLE = {CR.CR_CONNECTION_ERROR, CR.CR_CONN_HOST_ERROR}
_FULL = {ER.CON_COUNT_ERROR, ER.TOO_MANY_USER_CONNECTIONS, ER.USER_LIMIT_REACHED}
# PyMySQL reports error 0 if a connection has just been lost.
_LOST = {0, CR.CR_SERVER_GONE_ERROR, CR.CR_SERVER_LOST, ER.SERVER_SHUTDOWN}
# A table that was altered since the transaction started can be read in a new one.
_CHANGED = {ER.TABLE_DEF_CHANGED}
# What PyMySQL raises if the answer belongs to another protocol.
_NOT_MYSQL = (
    pymysql.InternalError, struct.error, LookupError, ValueError, AttributeError, AssertionError,
)  # fmt: skip
_CREATE = "`ri-index load FILE… --to mysql://…` creates the tables; sources/schema.sql shows them"


@contextmanager
def connected(target: MySQLTarget) -> Iterator[Connection[SSCursor]]:
    """Open a connection that reads unbuffered, in utf8mb4, UTC and strict mode.

    Raises
    ------
    pymysql.MySQLError
        As the server or PyMySQL reports it; `explained` turns it into a `SourceError`.
    SourceError
        The URL names a certificate file that cannot be read, or the login fails.
    """
    connection = pymysql.connect(
        host=target.host,
        port=target.port,
        user=target.user,
        password=target.password.encode(),  # in errors, PyMySQL would show a non-Latin-1 str
        database=target.database,
        charset="utf8mb4",
        read_timeout=target.read_seconds,
        write_timeout=target.read_seconds,
        ssl=target.ssl_context(),
        init_command="SET SESSION time_zone = '+00:00', SESSION sql_mode = 'STRICT_ALL_TABLES'",
        cursorclass=SSCursor,
        auth_plugin_map=login_handlers(target),
        defer_connect=True,
    )
    _connect(connection, target)
    try:
        yield connection
    finally:
        _forget_unread_rows(connection)
        if connection.open:
            connection.close()


def _connect(connection: Connection[SSCursor], target: MySQLTarget) -> None:
    """Reach the server, shake hands and log in, all within one deadline.

    PyMySQL's own timeout only covers the TCP connection. For each part of the handshake it would
    wait as long as for an answer.

    Raises
    ------
    pymysql.MySQLError
        With `CR_SERVER_HANDSHAKE_ERR` if something answers that is not such a server.
    SourceError
        The server does not let us in.
    """
    deadline = time.monotonic() + target.connect_seconds
    sock = _reached(target, deadline)
    is_late = threading.Event()
    with sock.dup() as guard:  # stays valid after the socket is wrapped in TLS

        def cut() -> None:
            is_late.set()
            with suppress(OSError):  # the server has already closed it
                guard.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(max(0.0, deadline - time.monotonic()), cut)
        timer.start()
        failed = ""
        try:
            connection.connect(sock)
        except (pymysql.OperationalError, RuntimeError, *_NOT_MYSQL) as error:
            if problem := explained_login(error, connection, target):
                raise problem from None  # the cause may quote what the server sent
            if not is_late.is_set() and (_is_of_server(error) or isinstance(error, RuntimeError)):
                raise
            failed = "was lost on the way or is of another protocol"
        finally:
            timer.cancel()
            timer.join()
    if is_late.is_set():
        failed = f"was not complete within {target.connect_seconds} s"
    if failed:
        if connection.open:
            connection.close()
        # Not chained: the cause is about bytes and doesn't help.
        raise pymysql.OperationalError(CR.CR_SERVER_HANDSHAKE_ERR, failed) from None


def _reached(target: MySQLTarget, deadline: float) -> socket.socket:
    """Connect to the first address of the host that answers; each gets a part of the time."""
    failed: OSError = OSError("the host has no address")
    try:
        found = _resolved(target, deadline)
    except OSError as error:
        found, failed = [], error
    for n, address in enumerate(found):
        seconds = max(0.001, (deadline - time.monotonic()) / (len(found) - n))
        try:
            sock = socket.create_connection((address, target.port), seconds)
        except OSError as error:
            failed = error
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            return sock
    raise pymysql.OperationalError(CR.CR_CONN_HOST_ERROR, str(failed)) from failed


def _resolved(target: MySQLTarget, deadline: float) -> list[str]:
    """Look up the addresses of the host, in a thread, because a lookup has no deadline.

    The thread of a lookup that hangs goes on until the system gives up; nothing waits for it.

    Raises
    ------
    OSError
        The name has no address.
    pymysql.OperationalError
        With `CR_UNKNOWN_HOST`: the lookup wasn't done by the deadline.
    """
    lookup: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except OSError as error:
            lookup.set_exception(error)
        except UnicodeError:  # such as a label of more than 63 characters
            lookup.set_exception(OSError("this is not a host name"))
        else:
            lookup.set_result([str(address[0]) for *_, address in found])

    threading.Thread(target=look_up, name="host lookup", daemon=True).start()
    done, _ = wait([lookup], max(0.0, deadline - time.monotonic()))
    if not done:
        raise pymysql.OperationalError(CR.CR_UNKNOWN_HOST, "the lookup took too long")
    return lookup.result()


def _forget_unread_rows(connection: Connection[SSCursor]) -> None:
    """Prevent PyMySQL from reading the rest of an interrupted answer when it is freed.

    It would wait for rows that nobody needs, or fail on a lost connection. PyMySQL has no public
    way to drop them.
    """
    result = connection._result  # type: ignore[attr-defined]
    if result is not None:
        result.unbuffered_active = False


def retrying() -> Retrying:
    """Try three times, with longer waits, if the server is full, out of reach, or was lost."""
    return Retrying(
        retry=retry_if_exception(_is_transient),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(WAIT_SECONDS, exp_base=_LONGER),
        reraise=True,
    )


def explained(error: pymysql.MySQLError, target: MySQLTarget) -> SourceError:
    """Explain an error and what to do, without credentials or rows.

    Parameters
    ----------
    error
        Exception of PyMySQL.
    target
        The server.
    """
    name, code = target.name, _code(error)
    if _is_tls_failure(error):
        return SourceError(
            f"{name} offers no TLS that ssl_ca and ssl_verify of the URL accept",
            "a certificate signed by ssl_ca, made out to the host of the URL",
            "correct ssl_ca or the host; ssl_verify=ca skips the host, false every check",
        )
    if code == CR.CR_UNKNOWN_HOST:
        return SourceError(
            f"{name}: looking up the host's address took more than {target.connect_seconds} s",
            "a host name that this machine's name server answers for",
            "correct the URL's host or write its IP address; if the name server is slow, set "
            "connect_timeout in the URL to more seconds",
        )
    if code in _UNREACHABLE:
        return SourceError(
            f"no answer from {name} after {ATTEMPTS} attempts (error {code})",
            "a MySQL or MariaDB server there that takes connections",
            "start the server, or correct the URL's host and port",
        )
    if code == CR.CR_SERVER_HANDSHAKE_ERR:
        return SourceError(
            f"something answers at {name}, but its greeting {error.args[1]}",
            f"a MySQL or MariaDB server at that port ({DEFAULT_PORT} unless it was changed)",
            "correct the URL's port; if it is right, look at the server's log, or give a busy "
            "server more time with connect_timeout of the URL",
        )
    if code in _LOST:
        return SourceError(
            f"the connection to {name} was lost (error {code})",
            "a server that stays up, and answers within read_timeout of the URL",
            "check the server's log and run again; a read starts over, a load can be repeated",
        )
    found, expected, remedy = _MEANINGS.get(
        code,
        (
            f"{{}} answered with error {code}",
            "tables as sources/schema.sql creates them, and the right to use them",
            f"look error {code} up in the server's manual",
        ),
    )
    return SourceError(found.format(name), expected, remedy)


_RIGHTS = (
    "{}: the user lacks a right",
    "SELECT to read; CREATE, INSERT, UPDATE and SELECT to load",
    "let an administrator GRANT it on the database",
)
_NO_ROOM = (
    f"{{}} takes no more connections, after {ATTEMPTS} attempts",
    "a free connection for this user",
    "run again later, or let an administrator raise max_connections or max_user_connections",
)
_MEANINGS = {
    **dict.fromkeys(_FULL, _NO_ROOM),
    ER.DBACCESS_DENIED_ERROR: (
        "{}: the database does not exist, or the user may not use it",
        "an existing database at the end of the URL, and the right to use it",
        "correct the URL, or let an administrator create the database and GRANT rights on it",
    ),
    ER.TABLEACCESS_DENIED_ERROR: _RIGHTS,
    ER.COLUMNACCESS_DENIED_ERROR: _RIGHTS,
    ER.BAD_DB_ERROR: (
        "{}: the database does not exist",
        "an existing database at the end of the URL",
        "correct the URL, or CREATE DATABASE … CHARACTER SET utf8mb4",
    ),
    ER.NO_SUCH_TABLE: ("{} lacks a table", "the tables tweets and replies", _CREATE),
    ER.BAD_FIELD_ERROR: (
        "{}: a table lacks a column that is to be filled",
        "tables as sources/schema.sql creates them",
        "add the columns, or load into a new database",
    ),
    ER.NET_PACKET_TOO_LARGE: (
        "{}: the server takes no packet as large as these rows need",
        "max_allowed_packet of the server larger than the longest text of the file",
        "let an administrator SET GLOBAL max_allowed_packet = 67108864 (64 MiB), and load again",
    ),
    ER.TABLE_DEF_CHANGED: (
        f"{{}}: a table was altered during each of {ATTEMPTS} attempts to read it",
        "tables whose columns stay as they are while they are read",
        "wait until the ALTER TABLE is done, and run again",
    ),
    ER.TRUNCATED_WRONG_VALUE_FOR_FIELD: (
        "{}: a text has characters that its column cannot hold, such as emoji",
        "columns in utf8mb4, as sources/schema.sql makes them",
        "convert each table: ALTER TABLE tweets CONVERT TO CHARACTER SET utf8mb4; load again",
    ),
    ER.DATA_TOO_LONG: (
        "{}: a value is longer than its column",
        "columns as wide as sources/schema.sql makes them",
        "widen the column with ALTER TABLE, or load into a new database",
    ),
}


def _code(error: BaseException) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else -1


def _is_tls_failure(error: BaseException) -> bool:
    cause = getattr(error, "original_exception", None)
    return isinstance(cause, ssl.SSLError) or _code(error) == CR.CR_SSL_CONNECTION_ERROR


def _is_of_server(error: BaseException) -> bool:
    """Whether the server itself reported the error; other failures have no code."""
    if not isinstance(error, pymysql.MySQLError):
        return False
    return _is_tls_failure(error) or _code(error) not in _LOST | {-1}


def _is_transient(error: BaseException) -> bool:
    if not isinstance(error, pymysql.MySQLError) or _is_tls_failure(error):
        return False
    return _code(error) in _UNREACHABLE | _FULL | _LOST | _CHANGED | {CR.CR_SERVER_HANDSHAKE_ERR}
