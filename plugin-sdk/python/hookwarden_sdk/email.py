"""E-mail addresses and domains.

A rule about a domain must compare the domain, and nothing else: `"example.com" in
address` admits `a@example.com.evil.org`, and `address.endswith("example.com")` admits
`a@notexample.com`. Parsing follows RFC 5322, as in policies written in Rust, and knows
quoted local parts such as `"x@example.com"@evil.org`.
"""

import re

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_LABEL = frozenset(_LETTERS + "-")
_ATOM = frozenset(_LETTERS + "!#$%&'*+-/=?^_`{|}~")
#: What may stand in quotes without a backslash.
_QUOTED = frozenset(chr(code) for code in [9, 32, 33, *range(35, 92), *range(93, 127)])

# Almost every address, and almost every domain: one match costs a tenth of the rules
# below, which decide about all others.
_USUAL_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_USUAL_DOMAIN = re.compile(rf"{_USUAL_LABEL}(?:\.{_USUAL_LABEL})*")
_USUAL_ADDRESS = re.compile(rf"[\w.+-]{{1,64}}@({_USUAL_LABEL}(?:\.{_USUAL_LABEL})+)", re.ASCII)

_MAX_LOCAL_PART = 64
_MAX_DOMAIN = 254
_MAX_LABEL = 63


def domain(address: str) -> str | None:
    """The domain of an e-mail address in the form that domains are compared in; `None` if
    the text is not one address.

    The form is that of `normalize_domain`. Addresses with a display name (`Rosario
    <r@example.com>`), with a domain literal (`r@[192.0.2.1]`) and with a domain of one
    label (`r@localhost`) are no addresses a person can register with: `None`.
    """
    usual = _USUAL_ADDRESS.fullmatch(address)
    if usual is not None and ".." not in address and address[0] != ".":
        name = usual[1]
        if len(name) <= _MAX_LABEL and ".@" not in address:
            return name.lower()
    # What would begin an address after a display name.
    if " <" in address:
        return None
    local, at, name = address.rpartition("@")
    if not at or not _is_local_part(local) or not _is_mail_domain(name):
        return None
    return normalize_domain(name)


def normalize_domain(domain: str) -> str | None:
    """A domain in the form that domains are compared in; `None` if it is none.

    That is ASCII in lower case, and a domain in any other script stays as it is written.
    So look-alikes from other alphabets never equal an ASCII domain, but `bücher.example`
    does not equal its own `xn--bcher-kva.example`.
    """
    if _USUAL_DOMAIN.fullmatch(domain):
        return domain.lower()
    for label in domain.split("."):
        if not label or label[0] == "-" or label[-1] == "-":
            return None
        if not _LABEL.issuperset(label) and any(
            character < "\x80" and character not in _LABEL for character in label
        ):
            return None
    return domain.lower() if domain.isascii() else _ascii_lower(domain)


def is_same_domain(one: str, other: str) -> bool:
    """Whether two domains are the same one. What is no domain is never the same."""
    if one.isascii() and other.isascii() and one.lower() != other.lower():
        return False
    normalized = normalize_domain(one)
    return normalized is not None and normalized == normalize_domain(other)


def _ascii_lower(text: str) -> str:
    return "".join([char.lower() if char < "\x80" else char for char in text])


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _is_local_part(part: str) -> bool:
    if not part or _length(part) > _MAX_LOCAL_PART:
        return False
    if part[0] == '"' and part[-1] == '"':
        return len(part) > 2 and _is_quoted(part[1:-1])
    return all(_is_atom(atom) for atom in part.split("."))


def _is_quoted(text: str) -> bool:
    characters = iter(text)
    for character in characters:
        if character == "\\":
            if not "!" <= next(characters, "") <= "~":
                return False
        elif character not in _QUOTED and not _is_other_script(character):
            return False
    return True


def _is_atom(text: str) -> bool:
    if not text:
        return False
    return _ATOM.issuperset(text) or all(
        character in _ATOM or _is_letter_of_other_script(character) for character in text
    )


def _is_mail_domain(name: str) -> bool:
    labels = name.split(".")
    return (
        len(labels) > 1
        and _length(name) <= _MAX_DOMAIN
        and all(
            _is_atom(label)
            and label[0].isalnum()
            and label[-1].isalnum()
            and _length(label) <= _MAX_LABEL
            for label in labels
        )
    )


def _is_letter_of_other_script(character: str) -> bool:
    return character >= "\x80" and (character.isalnum() or _is_other_script(character))


def _is_other_script(character: str) -> bool:
    """What the parser of policies in Rust takes for text of another script: it reads a
    code point as if that were its bytes in UTF-8.
    """
    code = ord(character)
    high, low = code >> 8, code & 0xFF
    if not 0x80 <= low <= 0xBF:
        return False
    if 0xC2 <= high <= 0xDF:
        return True
    lead, middle = high >> 8, high & 0xFF
    return (lead == 0xE0 and 0xA0 <= middle <= 0xBF) or (
        0xE1 <= lead <= 0xEF and 0x80 <= middle <= 0xBF
    )
