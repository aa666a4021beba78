"""Requests to services, of whose origins the operator granted each.

The world has to say `include hookwarden:policy/outgoing-http@0.1.0;`.

    response = http.get("https://crm.example.com/people", query={"email": address})
    if response.status == 200:
        first_name = response.json()["firstName"]

Redirects are not followed. The host bounds how many requests an evaluation makes and how
large bodies are; a request lives no longer than its evaluation.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from hookwarden_sdk import _host, _json
from hookwarden_sdk._json import Json
from hookwarden_sdk.failure import Failure

_INCLUDE = "include hookwarden:policy/outgoing-http@0.1.0;"
_handler = _host.required(
    "wasi:http/outgoing-handler@0.2.12", "hookwarden_sdk.http", _INCLUDE
)
_types = _host.optional("wasi:http/types@0.2.12")
_streams = _host.optional("wasi:io/streams@0.2.12")

#: The largest body of an answer, in bytes, if a request says nothing else.
MAX_BODY = 1024 * 1024
_CHUNK = 64 * 1024

_URL = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/?%[]"
)
_HEADER = frozenset("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~")
_HOST = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]")
#: Headers that are the host's.
_RESERVED = frozenset(
    "connection content-length host keep-alive te trailer transfer-encoding upgrade".split()
)


class Error(Failure):
    """Why there was no whole answer. Not caught, it is the policy's failure."""

    def __init__(self, message: str) -> None:
        super().__init__("unavailable", message)


class Denied(Error):
    """The policy was not granted the service's origin."""


class Timeout(Error):
    """The service did not answer in time."""


class TooLarge(Error):
    """A body or a head is too large."""


class Request(NamedTuple):
    """A request, as a fake in unit tests gets it."""

    method: str
    #: The URL with its query.
    url: str
    #: The headers, names in lower case.
    headers: dict[str, str]
    body: bytes | None
    timeout: float | None
    max_body: int

    def __repr__(self) -> str:
        return f"Request({self.method}, ..)"


class Response(NamedTuple):
    """An answer, whole."""

    status: int
    #: The headers, names in lower case; of several of one name the first.
    headers: dict[str, str]
    body: bytes

    def text(self) -> str:
        """The body as text."""
        try:
            return self.body.decode()
        except UnicodeDecodeError:
            pass
        raise Error("the request failed: the answer is no text")

    def json(self) -> Any:
        """The body, read as JSON."""
        try:
            return _json.read(self.text())
        except ValueError as error:
            message = str(error)
        raise Error(f"the request failed: the answer has another form: {message}")

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"


def get(
    url: str,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float | None = None,
    max_body: int = MAX_BODY,
) -> Response:
    """A `GET`; see `request`."""
    return request(
        "GET", url, query=query, headers=headers, timeout=timeout, max_body=max_body
    )


def post(
    url: str,
    *,
    json: Json = None,
    body: str | bytes | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float | None = None,
    max_body: int = MAX_BODY,
) -> Response:
    """A `POST`; see `request`."""
    return request(
        "POST",
        url,
        json=json,
        body=body,
        query=query,
        headers=headers,
        timeout=timeout,
        max_body=max_body,
    )


def request(
    method: str,
    url: str,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    json: Json = None,
    body: str | bytes | None = None,
    timeout: float | None = None,
    max_body: int = MAX_BODY,
) -> Response:
    """Makes a request and waits for the whole answer. An answer of any status is one, a
    redirect too.

    `query` is encoded and added to the URL; what else comes from a call must be encoded by
    `quote`. `json` is sent as JSON, with its content type; `body` as it is. `timeout` is
    in seconds: how long it may take to connect, until the answer begins, and from one part
    of it to the next: each of them. `max_body` is in bytes.

    Raises an `Error` if there was no whole answer.
    """
    named = {name.lower(): value for name, value in (headers or {}).items()}
    sent = body.encode() if isinstance(body, str) else body
    if json is not None:
        named.setdefault("content-type", "application/json")
        sent = _json.write(json).encode()
    for name, value in named.items():
        _check_header(name, value)
    asked = Request(
        method.upper(), _with_query(_checked(url), query), named, sent, timeout, max_body
    )
    response = _backend(asked)
    if len(response.body) > max_body:
        raise TooLarge("a body or a head is too large")
    return response


def segment(text: str) -> str:
    """A text as one segment of a path, encoded. One that means another path is refused."""
    if text in ("", ".", ".."):
        raise _failed("a path segment means another path")
    return quote(text, safe="")


def _failed(why: str) -> Error:
    return Error(f"the request failed: {why}")


def _checked(url: str) -> str:
    """What two readers could understand in two ways is refused: nobody must be able to
    smuggle another origin in.
    """
    scheme, found, rest = url.partition("://")
    if not found or scheme not in ("https", "http"):
        raise _failed("the URL must begin with `https://` or `http://`")
    if "#" in rest:
        raise _failed("the URL must have no `#` and nothing after it")
    authority = rest.replace("?", "/", 1).partition("/")[0]
    if "@" in authority:
        raise _failed("the URL must have no user name and no `@`")
    if not authority or not _HOST.issuperset(authority):
        raise _failed("the URL must have a host, such as `crm.example.com`")
    if not _URL.issuperset(rest):
        raise _failed("the URL has a character that must be written as `%` and two digits")
    return url


def _with_query(url: str, query: Mapping[str, str] | None) -> str:
    if not query:
        return url
    pairs = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query.items()]
    separator = "&" if "?" in url else "?"
    return f"{url}{separator}{'&'.join(pairs)}"


def _check_header(name: str, value: str) -> None:
    if not name or not _HEADER.issuperset(name):
        raise _failed("a header's name has a character that none may have")
    if name in _RESERVED:
        raise _failed(f"the header `{name}` is the host's")
    if not all(character == "\t" or " " <= character <= "~" for character in value):
        raise _failed(f"the header `{name}` has a character that none may have")


def _ungranted(request: Request) -> Response:
    raise Denied("the policy was not granted the service's origin")


def _send(request: Request) -> Response:
    try:
        return _exchange(request)
    except _host.Err as error:
        raise _error(error.value) from None


def _exchange(request: Request) -> Response:
    outgoing = _outgoing(request)
    body = None
    if request.body is not None:
        body = outgoing.body()
    pending = _handler.handle(outgoing, _options(request.timeout))
    if body is not None and request.body is not None:
        _write(body, request.body)
    pending.subscribe().block()
    answered = pending.get()
    if answered is None:
        raise _failed("the host did not say what became of it")
    incoming = answered.value
    if isinstance(incoming, _host.Err):
        raise incoming
    incoming = getattr(incoming, "value", incoming)
    if type(incoming).__name__.startswith("ErrorCode"):
        raise _error(incoming)
    headers: dict[str, str] = {}
    for name, value in incoming.headers().entries():
        headers.setdefault(name.lower(), value.decode("utf-8", "replace"))
    return Response(incoming.status(), headers, _read(incoming, request.max_body))


def _outgoing(request: Request) -> Any:
    headers = _types.Fields()
    for name, value in request.headers.items():
        headers.append(name, value.encode())
    if request.body is not None:
        headers.append("content-length", str(len(request.body)).encode())
    outgoing = _types.OutgoingRequest(headers)
    url = urlsplit(request.url)
    scheme = _types.Scheme_Https if url.scheme == "https" else _types.Scheme_Http
    path = url.path or "/"
    outgoing.set_method(_method(request.method))
    outgoing.set_scheme(scheme())
    outgoing.set_authority(url.netloc)
    outgoing.set_path_with_query(f"{path}?{url.query}" if url.query else path)
    return outgoing


def _method(method: str) -> Any:
    known = getattr(_types, f"Method_{method.capitalize()}", None)
    if known is None or method in ("OTHER", "CONNECT", "TRACE"):
        raise _failed(f"there is no method `{method}`")
    return known()


def _options(timeout: float | None) -> Any:
    if timeout is None:
        return None
    nanoseconds = max(0, int(timeout * 1e9))
    options = _types.RequestOptions()
    options.set_connect_timeout(nanoseconds)
    options.set_first_byte_timeout(nanoseconds)
    options.set_between_bytes_timeout(nanoseconds)
    return options


def _write(body: Any, data: bytes) -> None:
    # A service may answer before it has read everything; whatever went wrong otherwise,
    # the answer tells.
    try:
        with body.write() as stream:
            while data:
                room = stream.check_write()
                if room == 0:
                    stream.subscribe().block()
                    continue
                stream.write(data[:room])
                data = data[room:]
            stream.blocking_flush()
        _types.OutgoingBody.finish(body, None)
    except _host.Err:
        return


def _read(incoming: Any, most: int) -> bytes:
    chunks: list[bytes] = []
    left = most
    with incoming.consume() as body, body.stream() as stream:
        while True:
            try:
                chunk: bytes = stream.blocking_read(min(_CHUNK, left + 1))
            except _host.Err as error:
                if isinstance(error.value, _streams.StreamError_Closed):
                    return b"".join(chunks)
                raise _broken(error.value) from None
            left -= len(chunk)
            if left < 0:
                raise TooLarge("a body or a head is too large")
            chunks.append(chunk)


def _broken(stream_error: Any) -> Error:
    code = _types.http_error_code(stream_error.value)
    return _failed("the answer broke off") if code is None else _error(code)


#: What the codes mean whose name says it, by how the name ends or begins.
_TIMEOUTS = ("DnsTimeout", "ConnectionTimeout", "ReadTimeout", "WriteTimeout", "ResponseTimeout")
_UNREACHABLE = (
    "DestinationUnavailable",
    "DestinationIpUnroutable",
    "ConnectionRefused",
    "ConnectionTerminated",
)


def _error(code: Any) -> Error:
    name = type(code).__name__.removeprefix("ErrorCode_")
    if name == "HttpRequestDenied":
        return Denied("the policy was not granted the service's origin")
    if name == "DestinationIpProhibited":
        return Denied("the service's address is one that the operator did not name")
    if name.endswith(_TIMEOUTS):
        return Timeout("the service did not answer in time")
    if name.endswith(("Size", "UriTooLong")):
        return TooLarge("a body or a head is too large")
    if name == "ConnectionLimitReached":
        return Error("the policy makes too many requests")
    if name in ("DnsError", "DestinationNotFound"):
        return _failed("the service's name has no address")
    if name in _UNREACHABLE:
        return _failed("the service cannot be reached")
    if name == "TlsCertificateError":
        return _failed("the service's certificate is not valid")
    if name.startswith("Tls"):
        return _failed("no encrypted connection")
    if name == "HttpResponseIncomplete":
        return _failed("the answer broke off")
    if name == "InternalError" and code.value:
        return _failed(code.value)
    return _failed("the exchange with the service broke off, or was no HTTP")


#: What answers; a fake in unit tests.
_backend: Callable[[Request], Response] = _ungranted if _handler is None else _send
