"""Rules about the hands' operations, read from the compiled policies (tests/arch/operations.c)."""
import collections
import os
import re

# Destroy something without a warrant, and why that is right.
NEEDS_NO_WARRANT = {
    "key_drop": "takes access away, which must be easy; no data is lost",
}
TEMPLATES = ("says", "arg", "input", "path", "lines")


def operations(tree):
    """{(hand, name): {fact: [values]}}"""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in tree.run(os.path.join(tree.build, "arch-operations")).splitlines():
        hand, _, name, fact, value = line.split("\t", 4)
        found[hand, name][fact].append(value)
    if not found:
        raise RuntimeError("no operation at all")
    return found


def params(operation):
    return [value.split(":")[0] for value in operation["param"]]


def bound(tree, hand):
    """The names in a hand's binding table, which is made of a list: X(name) X(name) ..."""
    text = "".join(tree.uncommented(path) for path in tree.files(".h", folders=(f"daemons/{hand}/hand",)))
    return set(re.findall(r"\bX\((\w+)\)", text))


def bindings(tree):
    """every function and guard that an operation names is in its hand's binding table, and nothing else is"""
    used = collections.defaultdict(set)
    for (hand, name), operation in operations(tree).items():
        for function in operation["call"] + operation["guard"] + operation["check"]:
            used[hand].add(function)
            if function not in bound(tree, hand):
                yield f"{hand}: {name} names {function}, which the hand does not bind"
        act = operation["act"][0]
        if act == "call" and not operation["call"] or act not in ("call", "file") and operation["call"]:
            yield f"{hand}: {name} is {operation['act'][0]} and calls {operation['call'] or 'nothing'}"
    for hand, names in used.items():
        for function in sorted(bound(tree, hand) - names):
            yield f"{hand}: binds {function}, which no operation names"


def words(tree):
    """every {word} of a template is one of the operation's parameters"""
    for (hand, name), operation in operations(tree).items():
        for fact in TEMPLATES:
            for text in operation[fact]:
                for word in re.findall(r"\{([^}]*)\}?", text.replace("{{", "")):
                    if word not in params(operation):
                        yield f"{hand}: {name}: {{{word}}} in {fact} is no parameter"
        for word in operation["undo_value"]:
            if word not in params(operation):
                yield f"{hand}: {name}: undo takes {word}, which is no parameter"


def values_are_no_options(tree):
    """no value can be taken for an option: "--" before it, or "--option={value}"; programs have absolute paths"""
    for (hand, name), operation in operations(tree).items():
        ended = False
        for argument in operation["arg"]:
            ended = ended or argument == "--"
            if not ended and re.match(r"-?\{", argument):
                yield f'{hand}: {name}: {argument} without "--" before it'
        if operation["act"] == ["run"] and not re.match(r"/[\w./-]+$", (operation["program"] or [""])[0]):
            yield f"{hand}: {name}: no absolute program"
        if operation["act"] == ["file"] and not re.fullmatch(r"/[^{]+/[^/]+", (operation["path"] or [""])[0]):
            yield f"{hand}: {name}: a file without a fixed folder"


def types(tree):
    """every parameter has one of the value types; only the last may take the rest"""
    known = set(re.findall(r"\bvalue_(\w+)[,;]", tree.text("libnas/value/types.h")))
    for (hand, name), operation in operations(tree).items():
        for index, param in enumerate(operation["param"]):
            found = re.fullmatch(r"(\w+):(\w+)([?*]?)", param)
            if not found or found.group(2) not in known:
                yield f"{hand}: {name}: {param} has no value type"
            elif found.group(3) == "*" and index + 1 < len(operation["param"]):
                yield f"{hand}: {name}: {param} takes the rest, but is not the last"
        if len(set(params(operation))) != len(operation["param"]):
            yield f"{hand}: {name}: two parameters of one name"


def undos(tree):
    """every undo is an operation of the same hand that takes just these values; what answers has none"""
    every = operations(tree)
    for (hand, name), operation in every.items():
        for undo in operation["undo"]:
            other = every.get((hand, undo))
            if not other:
                yield f"{hand}: {name}: its undo {undo} is no operation"
                continue
            kinds = {param.split(":")[0]: param.split(":")[1].rstrip("?*") for param in operation["param"]}
            given = [kinds.get(value) for value in operation["undo_value"]]
            takes = [param.split(":")[1] for param in other["param"]]
            needed = [kind for kind in takes if kind[-1] not in "?*"]
            if len(given) < len(needed) or given[:len(takes)] != [kind.rstrip("?*") for kind in takes[:len(given)]]:
                yield f"{hand}: {name}: its undo {undo} takes {takes}, but is given {given}"
        if operation["answers"] and operation["undo"]:
            yield f"{hand}: {name} answers, so it cannot have anything to take back"


def proofs(tree):
    """who changes something needs at least a ticket with a role; what destroys needs a warrant, as does making administrators"""
    for (hand, name), operation in operations(tree).items():
        proof = operation["proof"][0]
        if not operation["answers"] and proof not in ("ticket", "warrant"):
            yield f"{hand}: {name} changes something and asks only for {proof}"
        if proof in ("ticket", "warrant") and operation["role"] == ["nobody"]:
            yield f"{hand}: {name} asks for a {proof}, but for no role"
        if operation["destroys"] and proof != "warrant" and name not in NEEDS_NO_WARRANT:
            yield f"{hand}: {name} destroys and asks only for a {proof}"
        if re.search(r"admin_join|role_join_admin", name) and proof != "warrant":
            yield f"{hand}: {name} grants rights and asks only for a {proof}"


def tables(tree):
    """what one transaction of the clerk does needs no warrant (hands spend them), no guard and no undo, and names its table"""
    for (hand, name), operation in operations(tree).items():
        if operation["act"] != ["table"]:
            continue
        if operation["proof"] != ["ticket"] or operation["answers"] or operation["guard"] or operation["undo"]:
            yield f"{hand}: {name} is a table's row, but asks for more than its clerk can do"
        if not operation["lines"] or not re.fullmatch(hand + r"\.\w+", (operation["path"] or [""])[0]):
            yield f"{hand}: {name} does not say which of its clerk's tables it writes, or what"


RULES = (bindings, words, values_are_no_options, types, undos, proofs, tables)
