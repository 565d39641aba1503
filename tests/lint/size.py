"""A file holds one thing, a function fits a screen: at most 400 lines and 60 lines.

A function is a brace block with parentheses in its head that stands in namespaces and classes only; its lines are
counted from the opening to the closing brace. Tests are only held to the length of files: a table of cases may be long.
"""

from source import CPP, Finding, files, read, relative, tokens

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
SCOPES = {"namespace", "class", "struct", "union", "enum", "extern"}


def check(root):
    findings = []
    for path in files(root, "include", "src", "tests", suffixes=CPP):
        name, text = relative(root, path), read(path)
        count = text.count("\n")
        if count > FILE_LINES_MAX:
            findings.append(Finding(name, FILE_LINES_MAX + 1, f"{count} lines, at most {FILE_LINES_MAX}: split it by what it is about"))
        for line, length, what in functions(text) if not name.startswith("tests/") else []:
            if length > FUNCTION_LINES_MAX:
                findings.append(Finding(name, line, f"{what} has {length} lines, at most {FUNCTION_LINES_MAX}"))
    return findings


def functions(text):
    """(line, lines, name) of every function with a body."""
    found = []
    stack = []  # (kind: scope, function or other; name; line)
    head = []  # the tokens since the last declaration ended, while only scopes are open
    for token, line in tokens(text):
        in_scopes = all(kind == "scope" for kind, _, _ in stack)
        if token == "{":
            kind = kind_of(head) if in_scopes else "other"
            stack.append((kind, head[head.index("(") - 1] if kind == "function" else None, line))
            if kind == "scope":
                head = []
        elif token == "}" and stack:
            kind, name, start = stack.pop()
            if kind == "function":
                found.append((start, line - start + 1, name))
            if kind != "other":
                head = []
        elif token == ";" and in_scopes:
            head = []
        elif in_scopes:
            head.append(token)
    return found


def kind_of(head):
    """What `{` opens after `head`: a scope, a function's body or a value."""
    if "(" not in head:
        return "scope" if SCOPES & set(head) else "other"
    return "function" if head.index("(") and not initialiser(head) else "other"


def initialiser(head):
    """Whether `{` opens a member's or a variable's value: `: a_(1), b_{2}` or `x = f() {`."""
    depth = 0
    for token in head:
        depth += (token == "(") - (token == ")")
        if token == "=" and depth == 0 and "operator" not in head:
            return True
    last = head[-1]
    return ":" in head[head.index("(") :] and (last[:1].isalpha() or last[:1] == "_") and last not in {"const", "noexcept", "override", "final"}
