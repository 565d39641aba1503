"""Writes the golden files beside it: small tokenizers, and the ids that the reference gives to texts.

    python3 -m venv venv && venv/bin/pip install tokenizers==0.23.3 sentencepiece==0.2.3 protobuf==7.36.2
    venv/bin/python tests/golden/tokenize/make.py [train]

Without `train` it keeps the tokenizers, and asks them again. These are trained on the texts of tests/golden/tokens.
Training breaks ties by chance, so that another run writes other files, which must pass as well. Ids of long texts are
kept as a hash.
"""

import copy
import io
import json
import pathlib
import sys

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).resolve().parent
SIZE = 700

CL100K = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
          r"\s+(?!\S)|\s+")
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")

# What each replaces, as SentencePiece's rules: a compatibility character, a space, a cluster, a control.
CHARACTERS = {"ﬁ": "fi", "①": "1", "㎞": "km", "Ａ": "A", "\u3000": " ", "\t": " ", "\n": " ", "\r": " ", "e\u0301": "é",
              "\u200b": "", "\x07": "", "…": "...", "½": "1⁄2", "ｶﾞ": "ガ", "\u1100\u1161": "가"}


def corpus(*classes):
    texts = []
    for name in ("languages", "o200k"):
        samples = json.loads((HERE.parent / "tokens" / f"{name}.json").read_text())
        texts += [sample["text"] for sample in samples if not classes or sample["class"] in classes]
    return texts


def texts():
    """Each a text, and how often it is repeated."""
    plain = [
        "", " ", "  ", "\n", "Hello, world!", "  leading and trailing  ", "Don't you'll WE'VE they're I'd",
        "The quick brown fox jumps over 13 lazy dogs, 3.14 times (or 2,718)!", "line one\nline two\r\n\r\n\tindented",
        "naïve café Zürich ÅNGSTRÖM straße İstanbul ıI", "e\u0301a\u0300 q\u0323\u0307 \u0301alone o\u0308\u0301",
        "北京欢迎你。你好，世界！", "こんにちは、世界。カタカナ ｶﾞ", "안녕하세요 세계 \u1112\u1161\u11ab", "𠀋𪜀 㐀 丽",
        "Привет, мир! Ёлка й", "Γειά σου Κόσμε ΟΔΥΣΣΕΥΣ", "שָׁלוֹם עולם", "مرحبا بالعالم ١٢٣", "नमस्ते दुनिया क्षत्रिय", "สวัสดีชาวโลก",
        "😀 😃👍🏽 👨‍👩‍👧‍👦 🇩🇪🇺🇸 ☃️ ❤️‍🔥", "a\x00b\x01c\x07d\x1fe\x7ff\x85g\u200bh\ufeffi\ufffdj\u00adk",
        "\u00a0nbsp\u2003em\u3000wide\u2028line\u2029para\u1680ogham", "ﬁn ① ½ ㎞ Ａ … ｶﾞ ㋿ ℌ",
        "[MASK] the [SEP]word[CLS] [mask] [PAD]x", "<s>one</s> <unk> <pad> <|endoftext|><mask> two",
        "a <special>x", "yesterday Yesterday xyesterdayx", "many     spaces          here",
        "x = [1, 2];\nif (x[0] != y->z) { return \"a\\n\"; } // ∑ ≤ ∞ €", "https://example.com/a?b=c&d=%20#e",
        "▁already ▁▁ meta▁space ĠByte Ġ", "___under__score-dash–en—em…dots", "١٢٣ ४५६ Ⅷ ² ¾ 5️⃣",
        "\u0378\U000e0001 \U0010ffff \ue000", "\u2e5d\u2e52a⸺b \U0001e94a", "AAAA BBBB aaaa", "日本語とEnglish混じりtext123",
        "supercalifragilisticexpialidocious " * 3, "word" * 26, "w" * 100, "w" * 101, "ß" * 60, "İ" * 60, "𝒜𝓑𝕔 ﷺ",
    ]
    repeated = [["a", 100_000], ["ab", 50_000], [" ", 100_000], ["a ", 50_000], ["é", 50_000], ["e\u0301\u0323", 20_000],
                ["\u0301\u0323", 25_000], ["漢", 33_000], ["😀", 25_000], ["\n", 100_000], ["The cat's 12 hats. ", 5_300],
                ["x\u200b", 25_000], ["!", 100_000], ["1", 100_000], ["\x07", 100_000], ["[MASK]", 17_000]]
    return [[text, 1] for text in plain] + repeated


def trained(tokenizer, trainer, *classes):
    tokenizer.train_from_iterator(corpus(*classes), trainer)
    return json.loads(tokenizer.to_str())


def word_piece(lowercase):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trained(tokenizer, trainers.WordPieceTrainer(vocab_size=SIZE, special_tokens=special, show_progress=False,
                                                 limit_alphabet=250))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.enable_truncation(512)
    tokenizer.enable_padding(pad_id=0)
    return json.loads(tokenizer.to_str())


def byte_level():
    """As ModernBERT and GPT-2 have it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained(tokenizer, trainers.BpeTrainer(vocab_size=SIZE, show_progress=False, special_tokens=["<|endoftext|>"],
                                           initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.add_tokens([AddedToken(" " * n, normalized=False) for n in (8, 4, 2)] + ["yesterday"])
    tokenizer.add_special_tokens([AddedToken("[MASK]", lstrip=True), "[CLS]", "[SEP]", "[PAD]"])
    ids = {token: tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]")}
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]",
                                                             special_tokens=list(ids.items()))
    return json.loads(tokenizer.to_str())


def llama():
    """As Llama 2 has it: bytes for what is unknown, blanks replaced by the normalizer."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=True)
    special = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    trained(tokenizer, trainers.BpeTrainer(vocab_size=SIZE + 256, show_progress=False, special_tokens=special,
                                           limit_alphabet=200))
    made = json.loads(tokenizer.to_str())
    made["pre_tokenizer"] = None
    made["added_tokens"] = [token for token in made["added_tokens"] if not token["content"].startswith("<0x")]
    # The oldest files have their merges as texts.
    made["model"]["merges"] = [" ".join(merge) for merge in made["model"]["merges"]]
    made["post_processor"] = json.loads(processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)]).__getstate__())
    return made


def charsmap():
    """SentencePiece's compiled form of CHARACTERS."""
    rules = HERE / "rules.tsv"
    code = lambda text: " ".join(f"{ord(character):X}" for character in text)
    rules.write_text("".join(f"{code(old)}\t{code(new)}\n" for old, new in CHARACTERS.items()))
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(corpus("en")), model_writer=model, vocab_size=90,
                                             normalization_rule_tsv=str(rules), hard_vocab_limit=False, minloglevel=2)
    rules.unlink()
    from sentencepiece import sentencepiece_model_pb2
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


def unigram():
    """As XLM-RoBERTa and DeBERTa v3 have it."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(charsmap()), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    trained(tokenizer, trainers.UnigramTrainer(vocab_size=SIZE, show_progress=False, unk_token="<unk>",
                                               special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"]),
            "en", "de", "fr", "ru", "el", "he", "english", "code")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return json.loads(tokenizer.to_str())


def part(value):
    """A component as it stands in tokenizer.json."""
    return json.loads(value.__getstate__())


def variants(uncased):
    """Changes of a tokenizer, by name: [base, {path: value}]."""
    split = lambda pattern, behaviour, invert=False: part(pre_tokenizers.Split(pattern, behaviour, invert))
    byte_level_after = lambda first: {"pre_tokenizer": part(
        pre_tokenizers.Sequence([first, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]))}
    added = lambda content, id_, **flags: {"id": id_, "content": content, "single_word": False, "lstrip": False,
                                           "rstrip": False, "normalized": True, "special": False, **flags}
    out = {
        "cl100k": ["byte_level", byte_level_after(pre_tokenizers.Split(Regex(CL100K), "isolated"))],
        "o200k": ["byte_level", byte_level_after(pre_tokenizers.Split(Regex(O200K), "isolated"))],
        "prefix_space": ["byte_level", {"pre_tokenizer": part(pre_tokenizers.ByteLevel(add_prefix_space=True))}],
        "ignore_merges": ["byte_level", {"model/ignore_merges": True}],
        "digits": ["byte_level", byte_level_after(pre_tokenizers.Digits(individual_digits=True))],
        "digit_runs": ["byte_level", byte_level_after(pre_tokenizers.Digits(individual_digits=False))],
        "byte_level_normalizer": ["byte_level", {"normalizer": part(normalizers.ByteLevel()), "pre_tokenizer": None}],
        "roberta": ["byte_level", {"post_processor": part(processors.Sequence(
            [processors.ByteLevel(), processors.RobertaProcessing(("[SEP]", 7), ("[CLS]", 8))]))}],
        "bert_processing": ["uncased", {"post_processor": part(processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2)))}],
        "left": ["uncased", {"truncation": {"direction": "Left", "max_length": 10, "strategy": "OnlyFirst", "stride": 2}}],
        "right": ["uncased", {"truncation": {"direction": "Right", "max_length": 10, "strategy": "LongestFirst", "stride": 0}}],
        "type_ids": ["uncased", {"post_processor": part(processors.TemplateProcessing(
            single="[CLS]:1 $A:2 [SEP]:3", pair="$A $B", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]))}],
        "bare": ["uncased", {"post_processor": None, "normalizer": None, "truncation": None, "added_tokens": []}],
        "short_words": ["uncased", {"model/max_input_chars_per_word": 6}],
        "accents_kept": ["uncased", {"normalizer": part(normalizers.BertNormalizer(strip_accents=False, lowercase=True))}],
        "not_cleaned": ["uncased", {"normalizer": part(normalizers.BertNormalizer(False, False, True, False))}],
        "whitespace": ["uncased", {"pre_tokenizer": part(pre_tokenizers.Whitespace())}],
        "delimiter": ["uncased", {"pre_tokenizer": part(pre_tokenizers.CharDelimiterSplit("a"))}],
        "two_splits": ["uncased", {"pre_tokenizer": part(
            pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("contiguous")]))}],
        "unfused": ["llama", {"model/byte_fallback": False, "model/fuse_unk": False}],
        "fused": ["llama", {"model/byte_fallback": False}],
        "dropped": ["llama", {"model/byte_fallback": False, "model/unk_token": None}],
        "first": ["llama", {"normalizer": None, "pre_tokenizer": part(pre_tokenizers.Metaspace(prepend_scheme="first"))}],
        "first_stripped": ["llama", {"normalizer": part(normalizers.Strip()),
                                     "pre_tokenizer": part(pre_tokenizers.Metaspace(prepend_scheme="first"))}],
        "never": ["llama", {"normalizer": None, "pre_tokenizer": part(
            pre_tokenizers.Metaspace(prepend_scheme="never", split=False))}],
        "suffix": ["llama", {"model/end_of_word_suffix": "e", "model/byte_fallback": False}],
        "unigram_bytes": ["unigram", {"model/byte_fallback": True}],
        "unigram_unsplit": ["unigram", {"pre_tokenizer": part(pre_tokenizers.Metaspace(split=False))}],
        "t5": ["unigram", {"pre_tokenizer": part(
            pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]))}],
        "added": ["uncased", {"added_tokens": [
            added("[PAD]", 0, normalized=False, special=True), added("[MASK]", 4, normalized=False, lstrip=True),
            added("<s>", SIZE, rstrip=True), added("Yesterday", SIZE + 1, single_word=True),
            added("the", uncased["the"], normalized=False), added("the quick", SIZE + 2, normalized=False)]}],
    }
    for name, normalizer in (("nfd", normalizers.NFD()), ("nfkc", normalizers.NFKC()), ("nfkd", normalizers.NFKD()),
                             ("nmt", normalizers.Nmt()), ("lowercase", normalizers.Lowercase()),
                             ("strip_accents", normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()])),
                             ("strip_left", normalizers.Strip(True, False)),
                             ("strip_right", normalizers.Strip(False, True)),
                             ("replace", normalizers.Replace("a", "bb")),
                             ("replace_regex", normalizers.Replace(Regex(r"\s+|\d"), "_"))):
        out[name] = ["byte_level", {"normalizer": part(normalizer)}]
    for behaviour in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"):
        out[behaviour] = ["uncased", {"pre_tokenizer": split(Regex(r"[\s\p{P}]"), behaviour)}]
        out[behaviour + "_inverted"] = ["uncased", {"pre_tokenizer": split(Regex(r"\w*"), behaviour, True)}]
        out[behaviour + "_text"] = ["uncased", {"pre_tokenizer": split(" ", behaviour)}]
    return out


def changed(base, changes):
    out = copy.deepcopy(base)
    for path, value in changes.items():
        *parents, last = path.split("/")
        at = out
        for parent in parents:
            at = at[parent]
        at[last] = value
    return out


def fnv(numbers):
    value = 14695981039346656037
    for number in numbers:
        for byte in number.to_bytes(4, "little"):
            value = (value ^ byte) * 1099511628211 % 2**64
    return f"{value:016x}"


def ids(source, base):
    """Of each text: how many ids, the hash of ids and type ids, and for a base the ids where they are few.

    Other tokenizers see the long texts at a twentieth of their length.
    """
    tokenizer = Tokenizer.from_str(json.dumps(source))
    tokenizer.no_padding()
    out = []
    for text, times in texts():
        encoding = tokenizer.encode(text * (times if base else -(-times // 20)))
        case = [len(encoding.ids), fnv(encoding.ids + encoding.type_ids)]
        out.append(case + [encoding.ids] if base and len(encoding.ids) <= 64 else case)
    return out


def write(name, value):
    (HERE / name).write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    make = {"uncased": lambda: word_piece(True), "cased": lambda: word_piece(False), "byte_level": byte_level,
            "llama": llama, "unigram": unigram}
    read = lambda name: json.loads((HERE / f"{name}.json").read_text())
    bases = {name: train() if sys.argv[1:] == ["train"] else read(name) for name, train in make.items()}
    cases = {name: {"base": name, "changes": {}, "ids": ids(base, True)} for name, base in bases.items()}
    for name, (base, changes) in variants(bases["uncased"]["model"]["vocab"]).items():
        cases[name] = {"base": base, "changes": changes, "ids": ids(changed(bases[base], changes), False)}
    for name, base in bases.items():
        write(f"{name}.json", base)
    vocabulary = sorted(bases["uncased"]["model"]["vocab"].items(), key=lambda item: item[1])
    (HERE / "vocab.txt").write_text("".join(token + "\n" for token, _ in vocabulary))
    write("texts.json", texts())
    (HERE / "ids.jsonl").write_text("".join(json.dumps({"name": name, **case}, ensure_ascii=False, separators=(",", ":")) +
                                            "\n" for name, case in cases.items()))


main()
