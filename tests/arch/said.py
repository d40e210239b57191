"""What people are told by daemons, beside the files of languages: in each of them there is all of it, and nothing else."""
import json
import re

PIECES = re.compile(r'"((?:[^"\\\n]|\\.)*)"|PRI([a-z])\d+')
TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*(?:"(?:[^"\\\n]|\\.)*"|PRI[a-z]\d+))*')
HOLE = re.compile(r"%(?:[-0-9.*]*)(?:ll|l|z|h)?[a-z]|\{\w+\}")
SENTENCE = re.compile(r'[A-Z][^{}<>=]* .*[.?]\Z')
# Which arguments of what is called are for people; also what is put into another sentence there.
PEOPLE = {"fault": slice(2, 3), "view_fault": slice(2, 3), "failure_set": slice(3, 5), "program_lost": slice(1, 2), "answer_all": slice(1, 2), "nonsense": slice(1, 2)}
CALLS = re.compile(rf'\b({"|".join(PEOPLE)})\s*\(')
# They begin daemons, move data between versions, or look into themselves; their words are for the journal.
JOURNAL = ("libnas/jail/", "libnas/serve/", "libnas/db/", "libnas/act/hand", "daemons/api/contracts.c", "daemons/api/route.c", "daemons/api/settings.c",
           "daemons/api/ui.c", "libnas/tls/self_signed.c", "libnas/json/shape.c", "libnas/sys/settings.c")


# What is checked only of contracts and views that are built here.
BUILT = ("ipc/compiler/released.c", "ipc/compiler/check_c_names.c", "ipc/compiler/main.c", "web/check/reached.c", "web/check/main.c", "web/check/texts.c")


def text_of(pieces):
    """Texts that stand beside each other, as one; what PRId64 stands for is a hole."""
    whole = "".join("%" + kind if kind else text for text, kind in PIECES.findall(pieces))
    return re.sub(r"\\(.)", lambda escaped: {"n": "\n"}.get(escaped[1], escaped[1]), whole).replace("%%", "%")


def arguments(code, at):
    """The arguments of the call whose bracket was opened before at."""
    depth, found, begun = 1, [], at
    while depth:
        text = TEXT.match(code, at)
        if text:
            at = text.end()
            continue
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(code[at], 0)
        if depth == 0 or depth == 1 and code[at] == ",":
            found.append(code[begun:at])
            begun = at + 1
        at += 1
    return found


def lines_of(tree, path):
    return tree.uncommented(path).replace("\\\n", " \n")


def told(tree):
    """(path, sentence as C has it) of what is meant for people."""
    for path in tree.files(".c", ".h", folders=("libnas", "daemons", "policy", "ipc/compiler", "web/check")):
        if path.startswith((*JOURNAL, *BUILT)) or path.startswith("policy/") and not path.endswith(("_operations.c", "_orders.h")):
            continue
        code = lines_of(tree, path)
        for call in CALLS.finditer(code):
            for argument in arguments(code, call.end())[PEOPLE[call[1]]]:
                yield from ((path, text_of(text)) for text in TEXT.findall(argument))
        for line in re.finditer(r'(?:->who|\.says)\s*=\s*(?:arena_printf\([^,]*,\s*)?', code):
            text = TEXT.match(code, line.end())
            if text:
                yield path, text_of(text.group())
        if "/clerk/" in path or path.startswith(("daemons/api/", "libnas/sys/ability.c")):
            yield from ((path, text) for text in map(text_of, TEXT.findall(code)) if SENTENCE.match(text))


def fits(sentence):
    """The keys by which a translation of it may be found: its holes are filled with anything."""
    return re.compile("(.*)".join(re.escape(part) for part in HOLE.split(sentence)) + r"\Z", re.S)


def everything_said_is_said_in_every_language(tree):
    """whatever a daemon tells people is in the file of every language, and what is there is told by one"""
    everything = "\n".join(text_of(text) for path in tree.files(".c", ".h") for text in TEXT.findall(lines_of(tree, path)))
    sentences = {text: path for path, text in told(tree) if len(HOLE.sub("", text).strip(" :;.,()")) > 3}
    for path in tree.files(".json", folders=("web/texts",)):
        file = json.loads(tree.text(path))
        said = file.get("said", {})

        def has(sentence, said=said, contract=file["contract"]):
            if len(HOLE.sub("", sentence).strip(" :;.,()")) <= 3 or sentence in said or sentence in contract:
                return True
            whole = sentence + "%s" * sentence.endswith(" ") # what a macro goes on with
            return any(fits(whole).match(key) or fits("%s: " + whole).match(key) for key in said)

        for sentence, source in sentences.items() if "said" in file else ():
            if not all(any(has(part) for part in (sentence, half)) for half in sentence.split(", expected ")):
                yield f"{path} does not have what {source} says: {json.dumps(sentence, ensure_ascii=False)}"
        for key, translation in said.items():
            parts = [part.strip() for part in re.split(r"\{\w+\}|[.;:,]", key)]
            if any(parts) and not any(part in everything for part in parts if part):
                yield f"{path} has what nobody says: {json.dumps(key, ensure_ascii=False)}"
            if set(re.findall(r"\{(\w+)!?\}", translation)) != set(re.findall(r"\{(\w+)\}", key)):
                yield f"{path}: other values than in the English: {json.dumps(key, ensure_ascii=False)}"


RULES = (everything_said_is_said_in_every_language,)
