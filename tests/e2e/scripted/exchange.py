"""What is asked and answered, in no API's form."""

from dataclasses import dataclass, field


# What an answer says that fails in the middle.
BROKE = "It broke in the middle \u2028 👋."


@dataclass
class Text:
    text: str
    page: tuple = ()  # address and title of a page of the web that the model cites for all of it


@dataclass
class Thought:
    text: str
    signature: str = ""  # opaque; only its author can read it
    redacted: bool = False


@dataclass
class Call:
    name: str
    arguments: dict
    id: str = ""


@dataclass
class Result:
    call: str  # the call's id, or its name where the API has no ids
    text: str
    failed: bool = False
    media: list = field(default_factory=list)


@dataclass
class Media:
    type: str
    data: bytes


@dataclass
class Refusal:
    text: str


@dataclass
class Turn:
    role: str  # user or assistant
    blocks: list

    def texts(self):
        return "".join(block.text for block in self.blocks if isinstance(block, Text))

    def of(self, kind):
        return [block for block in self.blocks if isinstance(block, kind)]


@dataclass
class Asked:
    """A request as a provider understood it."""

    model: str
    streamed: bool
    turns: list
    system: list = field(default_factory=list)
    tools: dict = field(default_factory=dict)  # name: schema of the arguments
    choice: str = "auto"  # none, required, or the name of a tool
    parallel: bool = True
    schema: dict | None = None
    thinking: object = None  # how much, in the provider's words
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: list = field(default_factory=list)

    def of(self, kind):
        return [block for turn in self.turns for block in turn.of(kind)]

    def question(self):
        """The last text of the user's."""
        return next((turn.texts() for turn in reversed(self.turns) if turn.role == "user" and turn.texts()), "")

    def answered(self):
        """The results behind the last turn of the assistant, so far as there are any."""
        found = []
        for turn in reversed(self.turns):
            if turn.role == "assistant":
                break
            found = turn.of(Result) + found
        return found


@dataclass
class Usage:
    input: int = 20  # neither read from the cache nor written to it
    read: int = 0
    write: int = 0
    output: int = 11  # with `reasoning`
    reasoning: int = 0


@dataclass
class Failure:
    """400, 401, 429, 500, 529: each provider says it in its own form."""

    status: int
    message: str
    retry_after: int | None = None


@dataclass
class Answer:
    blocks: list
    finish: str = "stop"  # calls, length, refusal
    usage: Usage = field(default_factory=Usage)
    cut: str = ""  # "ends": the stream ends before its end; "breaks": so does the connection; "fails": the provider says so


class Invalid(Exception):
    """What the provider has against a request."""
