"""Finds what g++ 12 destroys twice: temporaries made by braces, and lambda literals that capture, inside an expression
that contains co_await.

    co_await send(Options{.retries = 1});            // double free
    co_await send({.retries = 1});                   // the same
    co_await spawn([text] { return text; });         // the same
    Options options{.retries = 1};                   // right: a name first
    co_await send(std::move(options));

And what it lays out wrongly (GCC bug 106188, fixed in 13): co_await in the condition of an if, while, for or switch of a
coroutine that declares nothing at its top level: the frame is resumed after it was destroyed.

    if (!co_await arrived()) co_return error;        // crash
    const bool there = co_await arrived();           // right: a name first

A small reader of C++: it knows statements, parentheses, blocks and braced initialisers, and nothing of types. Types that
need no destructor are harmless; those that occur are listed in HARMLESS.
"""

import re

from source import CPP, Finding, files, read, relative, tokens

HARMLESS = re.compile(r"^(?:\w*seconds|minutes|hours|string_view|span|ByteSize|u?int\d+_t|size_t|bool|use_async_t)$")
CONDITIONS = {"if", "while", "for", "switch"}
LAMBDA_TAIL = {")", "]", "mutable", "noexcept"}
CONTINUES = {";", ",", ")", ".", "->", "]", "}", "?", ":", "("}


class Statement:
    """One full expression while it is read."""

    def __init__(self):
        self.awaits = False
        self.suspects = []  # (line, what)


def check(root):
    findings = []
    for path in files(root, "include", "src", "tests", suffixes=CPP):
        for line, what in traps(read(path)):
            findings.append(Finding(relative(root, path), line, f"{what} in an expression with co_await: give it a name first (empty: T())"))
    return findings


def traps(text):
    """(line, what) of every trap in `text`."""
    stream = [("", 0)] + tokens(text) + [("", 0)]
    found = []
    stack = []  # (bracket, statement to go on with after it closes, ends a condition)
    statement = Statement()

    def end():
        nonlocal statement
        if statement.awaits:
            found.extend(statement.suspects)
        statement = Statement()

    for at in range(1, len(stream) - 1):
        token, line = stream[at]
        before, after = stream[at - 1][0], stream[at + 1][0]
        if token == "co_await":
            statement.awaits = True
            if any(condition for _, _, condition in stack):
                found.append((line, "a condition"))
        elif token == ";":
            end()
        elif token in ("(", "["):
            if token == "[" and captures(stream, at):
                statement.suspects.append((line, "a lambda that captures"))
            stack.append((token, statement, token == "(" and before in CONDITIONS | {"constexpr"}))
        elif token in (")", "]"):
            if stack and stack.pop()[2]:
                end()
        elif token == "{":
            statement = opened(stream, at, stack, statement, end)
        elif token == "}" and stack:
            kind, outer, _ = stack.pop()
            if kind == "{":
                end()
                statement = outer if after in CONTINUES else Statement()
    return found


def opened(stream, at, stack, statement, end):
    """Handles `{`: a braced initialiser belongs to its statement, a block has statements of its own."""
    token, line = stream[at]
    before = stream[at - 1][0]
    in_parentheses = any(True for _ in inner(stack))
    block = before in LAMBDA_TAIL or (in_parentheses and trailing_return(stream, at))
    initialises = in_parentheses or before in {"=", "return", "co_return", "co_await", ",", "("}
    if not block and (initialises or stream_has_await_before(stream, at)):
        if not HARMLESS.match(before) and (in_parentheses or before not in {"=", "return", "co_return"}):
            statement.suspects.append((line, f"a braced temporary ({before}{{...}})" if before[:1].isalpha() else "a braced temporary"))
        stack.append(("init", statement, False))
        return statement
    if not in_parentheses:
        end()
        statement = Statement()
    stack.append(("{", statement, False))
    return Statement()


def inner(stack):
    """The parentheses that are open since the last block began."""
    for kind, _, _ in reversed(stack):
        if kind == "{":
            return
        if kind == "(":
            yield kind


def trailing_return(stream, at):
    """Whether `{` follows `) -> type`: the body of a lambda."""
    for back in range(at - 1, max(at - 24, 0), -1):
        token = stream[back][0]
        if token == "->":
            return stream[back - 1][0] in LAMBDA_TAIL
        if not (token[:1].isalnum() or token[:1] == "_" or token in {"::", "<", ">", ",", "*", "&"}):
            return False
    return False


def stream_has_await_before(stream, at):
    """Whether `{` follows `co_await some::Type<...>`."""
    for back in range(at - 1, max(at - 24, 0), -1):
        token = stream[back][0]
        if token == "co_await":
            return True
        if not (token[:1].isalnum() or token[:1] == "_" or token in {"::", "<", ">"}):
            return False
    return False


def captures(stream, at):
    """Whether `[` opens a lambda that captures something; not a subscript, an attribute or `[]`."""
    before, after = stream[at - 1][0], stream[at + 1][0]
    subscript = before in {")", "]", '"'} or (before[:1].isalnum() or before[:1] == "_") and before not in {"return", "co_await", "co_return"}
    return not subscript and after != "]"
