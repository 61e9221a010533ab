"""Writes `models.py` and `operations.py` from the API's own document.

usage: generate.py openapi.json FOLDER
"""

from __future__ import annotations

import json
import keyword
import re
import sys
import textwrap
from pathlib import Path
from typing import Any, Iterator

JSON = "application/json"
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
REFERENCE = "#/components/schemas/"
WIDTH = 100
# Programs name requests and keep copies of answers by other means.
UNUSED = ["X-Request-Id", "If-None-Match"]
HEADER = '''"""{about}

Made by `make clients` from the API's document; not to be changed by hand.
"""

from __future__ import annotations

'''


class Document:
    def __init__(self, text: str) -> None:
        self.whole: dict[str, Any] = json.loads(text)
        self.schemas: dict[str, Any] = self.whole["components"]["schemas"]

    def resolve(self, thing: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in thing:
            found: Any = self.whole
            for step in thing["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            thing = found
        return thing

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Those that take and give JSON, or nothing."""
        for path, methods in self.whole["paths"].items():
            for method, operation in methods.items():
                body = operation.get("requestBody")
                takes = JSON in self.resolve(body)["content"] if body else True
                if takes and self.answer(operation) is not None:
                    yield method, path, operation

    def answer(self, operation: dict[str, Any]) -> str | None:
        """The type of what an operation gives; nothing if that is not JSON."""
        success = next(code for code in sorted(operation["responses"]) if code.startswith("2"))
        content = self.resolve(operation["responses"][success]).get("content", {})
        if not content:
            return "None"
        return type_of(content[JSON]["schema"]) if JSON in content else None


def type_of(schema: dict[str, Any]) -> str:
    """How a schema is written where it is used."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REFERENCE)
    choices = schema.get("oneOf") or schema.get("anyOf")
    if choices:
        return " | ".join(type_of(choice) for choice in sorted(choices, key=lambda one: one == {"type": "null"}))
    if len(schema.get("allOf", [])) == 1:
        return type_of(schema["allOf"][0])
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if values:
        return f"Literal[{', '.join(json.dumps(value) for value in values)}]"
    kinds = schema.get("type", "object")
    return " | ".join(plain(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def plain(kind: str, schema: dict[str, Any]) -> str:
    if kind == "array":
        return f"list[{type_of(schema['items'])}]"
    if kind != "object":
        return SCALARS[kind]
    if schema.get("properties"):
        raise SystemExit(f"a schema inside another needs a name: {sorted(schema['properties'])}")
    values = schema.get("additionalProperties")
    return f"dict[str, {type_of(values) if isinstance(values, dict) else 'Any'}]"


def is_record(schema: dict[str, Any]) -> bool:
    is_empty = schema.get("maxProperties") == 0
    return is_empty or "properties" in schema or any(is_record(part) for part in schema.get("allOf", []))


def model(name: str, schema: dict[str, Any]) -> str:
    if not is_record(schema):
        return f"{commented(schema)}{name} = {evaluated(type_of(schema))}\n"
    parts = schema.get("allOf", [schema])
    bases = [type_of(part) for part in parts if "$ref" in part] or ["TypedDict"]
    own = [part for part in parts if "$ref" not in part]
    required = {field for part in own for field in part.get("required", [])}
    fields = {field: about for part in own for field, about in part.get("properties", {}).items()}

    def written(field: str) -> str:
        kind = type_of(fields[field])
        return kind if field in required else f"NotRequired[{kind}]"

    # `from` and `class` can be no names of attributes.
    if any(keyword.iskeyword(field) for field in fields):
        lines = [f"{commented(fields[field], 8)}        {field!r}: {written(field)!r},\n" for field in fields]
        return f"{commented(schema)}{name} = TypedDict(\n    {name!r},\n    {{\n{''.join(lines)}    }},\n)\n"
    lines = [f"{commented(fields[field], 4)}    {field}: {written(field)}\n" for field in fields]
    about = documented(schema.get("description"), 4)
    return f"class {name}({', '.join(bases)}):\n{about}{''.join(lines)}" + ("" if about or lines else "    pass\n")


def evaluated(kind: str) -> str:
    """A type that Python 3.9 evaluates."""
    choices = kind.split(" | ")
    return kind if len(choices) == 1 else f"Union[{', '.join(choices)}]"


def commented(schema: dict[str, Any], indent: int = 0) -> str:
    prefix = " " * indent + "# "
    return wrapped(schema.get("description", ""), prefix, prefix)


def documented(description: str | None, indent: int) -> str:
    if not description:
        return ""
    spaces = " " * indent
    paragraphs = [wrapped(one, spaces, spaces) for one in description.strip().split("\n\n")]
    whole = "\n".join(paragraphs).strip()
    end = f"\n{spaces}" if "\n" in whole else ""
    return f'{spaces}"""{whole}{end}"""\n'


def wrapped(text: str, first: str, other: str) -> str:
    lines = textwrap.wrap(
        " ".join(text.split()), WIDTH, initial_indent=first, subsequent_indent=other,
        break_long_words=False, break_on_hyphens=False,
    )
    return "".join(f"{line}\n" for line in lines)


def needed(document: Document, roots: list[Any]) -> list[str]:
    """Every schema that these mention, and those that they mention, each after what it is made of."""
    found: list[str] = []

    def visit(thing: Any) -> None:
        for name in re.findall(rf'"{REFERENCE}(\w+)"', json.dumps(thing)):
            if name not in found and name not in under_way:
                under_way.add(name)
                visit(document.schemas[name])
                found.append(name)

    under_way: set[str] = set()
    visit(roots)
    return found


def models(document: Document) -> str:
    operations = [operation for _, _, operation in document.operations()]
    events = document.whole["paths"]["/events"]["get"]["responses"]["200"]
    roots = [operations, events, document.whole.get("webhooks", {}), {"$ref": f"{REFERENCE}Problem"}]
    # What every operation has, such as headers, brings no types.
    written = [model(name, document.schemas[name]) for name in needed(document, roots)]
    body = "\n\n".join(written)
    names = [name for name in ("Any", "Literal", "TypedDict", "Union") if re.search(rf"\b{name}\b", body)]
    imports = f"from typing import TYPE_CHECKING, {', '.join(names)}\n\n"
    imports += "if TYPE_CHECKING:\n    from typing_extensions import NotRequired\n\n\n"
    return HEADER.format(about="The types of the API: plain dictionaries, as JSON has them.") + imports + body


def operation(document: Document, method: str, path: str, about: dict[str, Any]) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", about["operationId"]).lower()
    places: dict[str, list[dict[str, Any]]] = {"path": [], "query": [], "header": []}
    for parameter in map(document.resolve, about.get("parameters", [])):
        if parameter["name"] not in UNUSED and not parameter.get("deprecated"):
            places[parameter["in"]].append(parameter)
    body = about.get("requestBody")
    arguments = [f"{snake(parameter['name'])}: str" for parameter in places["path"]]
    named = [argument(parameter) for parameter in places["query"] + places["header"]]
    if body:
        kind = qualified(type_of(document.resolve(body)["content"][JSON]["schema"]))
        is_needed = document.resolve(body).get("required", False)
        arguments.append(f"body: {kind}" if is_needed else f"body: {optional(kind)} = None")
    signature = ", ".join(arguments + (["*"] + named if named else []))
    fields = [f'"{method.upper()}"', f'"{path}"']
    for place, parameters in places.items():
        fields += [f"{place}={{{pairs(parameters)}}}"] if parameters else []
    fields += ["body=body"] if body else []
    answer = qualified(str(document.answer(about)))
    text = f"def {name}({signature}) -> Call[{answer}]:\n"
    if len(text) > WIDTH:
        listed = "".join(f"    {one},\n" for one in arguments + (["*"] + named if named else []))
        text = f"def {name}(\n{listed}) -> Call[{answer}]:\n"
    call = f"    return Call({', '.join(fields)})\n"
    if len(call) > WIDTH:
        call = "    return Call(\n" + "".join(f"        {field},\n" for field in fields) + "    )\n"
    return text + documented(about.get("summary"), 4) + call


def pairs(parameters: list[dict[str, Any]]) -> str:
    written = [f'"{one["name"]}": {snake(one["name"])}' for one in parameters]
    line = ", ".join(written)
    if len(line) < WIDTH - 20:
        return line
    return "\n" + "".join(f"            {one},\n" for one in written) + " " * 8


def argument(parameter: dict[str, Any]) -> str:
    kind = qualified(type_of(parameter["schema"]))
    return f"{snake(parameter['name'])}: " + (kind if parameter.get("required") else f"{optional(kind)} = None")


def optional(kind: str) -> str:
    return kind if kind.endswith("| None") else f"{kind} | None"


def snake(name: str) -> str:
    return name.lower().replace("-", "_")


def qualified(kind: str) -> str:
    return re.sub(r"(?<![\w\"'.])(?!None\b|Any\b|Literal\b)([A-Z]\w*)(?![\w\"'])", r"models.\1", kind)


def operations(document: Document) -> str:
    written = [operation(document, *one) for one in document.operations()]
    body = "\n\n".join(written)
    names = [name for name in ("Any", "Literal") if re.search(rf"\b{name}\b", body)]
    imports = f"from typing import {', '.join(names)}\n\n" if names else ""
    imports += "from . import models\nfrom ._call import Call\n\n\n"
    about = "Every call of the API, typed: `sms.call(operations.list_sessions())`."
    return HEADER.format(about=about) + imports + body


def main() -> None:
    source, folder = map(Path, sys.argv[1:])
    document = Document(source.read_text())
    (folder / "models.py").write_text(models(document))
    (folder / "operations.py").write_text(operations(document))


if __name__ == "__main__":
    main()
