"""The lints themselves: each finds what it is for and leaves the rest alone. `python3 -m unittest` in this folder."""

import pathlib
import tempfile
import unittest

import co_await_trap
import layers
import names
import size
import vocabulary


def body(text):
    return "Async<void> f() {\n" + text + "\n}\n"


class CoAwaitTrap(unittest.TestCase):
    BAD = [
        "co_await send(Options{.a = 1});",
        "co_await send({.a = 1});",
        "co_await send(1, {});",
        "auto r = co_await send(socket, std::vector<int>{1, 2});",
        "if (auto r = co_await send(Options{}); !r) co_return;",
        "use(co_await send(), Error{code, text});",
        "use(Error{code, text}, co_await send());",
        "co_await spawn([text] { return text; });",
        "co_await spawn([&](int x) -> Async<int> { co_return x; });",
        "co_return co_await send(Options{.a = g(1)});",
        "co_await Sleep{5};",
        "co_await a::Sleep<int>{5};",
        "while (co_await more(State{1})) {}",
        "for (auto& x : co_await list({1})) {}",
        "if (!co_await arrived()) co_return;",
        "while (co_await arrived()) { use(); }",
        "switch (co_await next()) { case 1: break; }",
        "co_await [text]() -> Async<void> { co_return; }();",
    ]
    GOOD = [
        "Options options{.a = 1}; co_await send(std::move(options));",
        "auto r = co_await send(options);",
        "co_await spawn([] { return 1; });",
        "auto g = [text]() -> Async<void> { co_await send(text); }; co_await g();",
        "spawn([text]() -> Async<void> { co_await send(text); });",
        "if (check(Error{1})) co_await send();",
        "if (check(Error{1})) { co_await send(); }",
        "co_await sleep(std::chrono::milliseconds{5});",
        "Error e{co_await send()}; use(Error{1});",
        "use(Error{1}); co_await send(values[i]);",
        "// co_await send(Options{1});\n",
        'log("co_await f(Options{1})"); use(Options{2});',
        "for (auto& x : list({1})) { co_await send(x); }",
        "if (here) co_await arrived();",
        "if (here) { while (there) co_await arrived(); }",
        "auto [ec, n] = co_await socket.async_read_some(buffer, as_result);",
    ]

    def test_finds_traps(self):
        for text in self.BAD:
            with self.subTest(text):
                self.assertTrue(co_await_trap.traps(body(text)))

    def test_leaves_the_rest_alone(self):
        for text in self.GOOD:
            with self.subTest(text):
                self.assertEqual(co_await_trap.traps(body(text)), [])

    def test_line(self):
        self.assertEqual([line for line, _ in co_await_trap.traps(body("\n\nco_await send(\n  {1});"))], [5])

    def test_class_and_constructor_are_blocks(self):
        text = "struct A { A() : b_{1}, c_(2) {} Async<void> f() { co_await g(); } std::string b_{}; };"
        self.assertEqual(co_await_trap.traps(text), [])


class Tree(unittest.TestCase):
    """Lints over small trees."""

    def findings(self, lint, **contents):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in contents.items():
                path = root / name.replace("__", "/").replace("_hpp", ".hpp").replace("_cpp", ".cpp")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return [finding.message for finding in sorted(lint.check(root))]

    def test_layers(self):
        tree = {"src__base__a_hpp": "", "src__http__b_hpp": "", "include__triage__c_hpp": ""}
        include = '#include "{}"\n'
        good = {"src__http__x_cpp": include.format("base/a.hpp") + include.format("triage/c.hpp"), "src__app__x_cpp": include.format("http/b.hpp")}
        self.assertEqual(self.findings(layers, **tree, **good), [])
        for folder, target in [("base", "http/b.hpp"), ("upstream", "http/b.hpp"), ("pipeline", "http/b.hpp"), ("http", "b.hpp"), ("elsewhere", "base/a.hpp")]:
            with self.subTest(folder):
                self.assertEqual(len(self.findings(layers, **tree, **{f"src__{folder}__x_cpp": include.format(target)})), 1)

    def test_library_has_a_home(self):
        self.assertEqual(len(self.findings(layers, src__http__x_cpp="#include <spdlog/spdlog.h>\n")), 1)
        self.assertEqual(self.findings(layers, src__base__x_cpp="#include <spdlog/spdlog.h>\n"), [])

    def test_file_length(self):
        self.assertEqual(self.findings(size, src__base__x_cpp="\n" * 400), [])
        self.assertEqual(len(self.findings(size, src__base__x_cpp="\n" * 401)), 1)

    def test_function_length(self):
        function = "namespace a {\nclass B {\n B() : c_{1}, d_(2) {%s}\n int c_{0};\n};\nint f(int x) const {%s}\n}\n"
        self.assertEqual(self.findings(size, src__base__x_cpp=function % ("\n" * 59, "\n" * 59)), [])
        self.assertEqual(self.findings(size, src__base__x_cpp=function % ("\n" * 60, "")), ["B has 61 lines, at most 60"])
        self.assertEqual(self.findings(size, src__base__x_cpp=function % ("", "\n" * 60)), ["f has 61 lines, at most 60"])

    def test_tables_are_not_functions(self):
        self.assertEqual(self.findings(size, src__base__x_cpp="const T table = make({\n" + "{1, 2},\n" * 80 + "});\n"), [])

    def test_names(self):
        self.assertEqual(self.findings(names, src__base__pool_cpp="struct Pool { int information; };"), [])
        self.assertEqual(len(self.findings(names, src__base__pool_util_cpp="")), 1)
        self.assertEqual(len(self.findings(names, src__base__pool_cpp="struct PoolInfo {};")), 1)
        self.assertEqual(len(self.findings(names, src__base__pool_cpp="void do_send();")), 1)

    def test_vocabulary(self):
        self.assertEqual(self.findings(vocabulary, src__base__a_cpp="struct ClientApi {}; // lower case\n"), [])
        for text in ["struct Client {};", "// small letters", 'gauge("triage_x_percent")', "class Health {"]:
            with self.subTest(text):
                self.assertEqual(len(self.findings(vocabulary, src__base__a_cpp=text)), 1)

    def test_glossary_says_each_word_once(self):
        rows = "| word | meaning |\n| --- | --- |\n| tier | a |\n| route | b |\n"
        with tempfile.TemporaryDirectory() as folder:
            glossary = pathlib.Path(folder) / "docs" / "glossary.md"
            glossary.parent.mkdir()
            for text, found in [(rows, 0), (rows + "| tier | c |\n", 1)]:
                glossary.write_text(text)
                self.assertEqual(len(vocabulary.check(pathlib.Path(folder))), found)

    def test_paths_of_one_machine(self):
        self.assertEqual(len(self.findings(names, src__base__pool_cpp="// see /" "home/me/notes")), 1)
        self.assertEqual(self.findings(names, src__base__pool_cpp="// see /etc/ssl and ../shared and https://a.b/home/x"), [])


if __name__ == "__main__":
    unittest.main()
