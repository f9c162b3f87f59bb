"""Arguments of a tool call against its JSON Schema: small slips are put right, the rest is refused."""

from __future__ import annotations

import difflib
import json
from typing import Any

from ..protocol.faults import Code, Fault

_TYPE_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object of names and values",
    "null": "null",
}
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def check_arguments(schema: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """`arguments` as `schema` wants them, in a new dict.

    Put right are: "true", "3" and 3.0 where a boolean or number is wanted, JSON text where a list or object
    is, the case of a choice, null for what may be left out. Raises Fault `invalid_input` that names the
    argument and what is allowed; it quotes no value.
    """
    coerced: dict[str, Any] = _coerced(schema, arguments)
    error = _first_error(schema, coerced)
    if error is not None:
        raise _refusal(schema, error)
    return coerced


def _first_error(schema: dict[str, Any], value: Any) -> Any | None:
    # Not at module level: jsonschema takes 60 ms to import and is needed at the first call only.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    return best_match(Draft202012Validator(schema).iter_errors(value))


def _coerced(schema: dict[str, Any], value: Any) -> Any:
    if "anyOf" in schema:
        return _coerced_to_any(schema["anyOf"], value)
    kind = schema.get("type")
    if isinstance(value, str):
        value = _from_text(schema, kind, value)
    elif kind == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dict):
        return _coerced_object(schema, value)
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [_coerced(schema["items"], item) for item in value]
    return value


def _from_text(schema: dict[str, Any], kind: Any, text: str) -> Any:
    if "enum" in schema and text not in schema["enum"]:
        same = [option for option in schema["enum"] if str(option).lower() == text.strip().lower()]
        return same[0] if len(same) == 1 else text
    if kind not in _PYTHON_TYPES:
        return text
    try:
        value = json.loads(text.strip().lower() if kind == "boolean" else text)
    except ValueError:
        return text
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value if type(value) in _PYTHON_TYPES[kind] else text


def _coerced_to_any(options: list[dict[str, Any]], value: Any) -> Any:
    if any(_first_error(option, value) is None for option in options):
        return value
    for option in options:
        coerced = _coerced(option, value)
        if _first_error(option, coerced) is None:
            return coerced
    return value


def _coerced_object(schema: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    properties, required = schema.get("properties", {}), schema.get("required", ())
    result: dict[str, Any] = {}
    for name, item in value.items():
        wanted = properties.get(name)
        if item is None and wanted and name not in required and _first_error(wanted, None) is not None:
            continue
        result[name] = _coerced(wanted, item) if wanted else item
    return result


def _refusal(schema: dict[str, Any], error: Any) -> Fault:
    path = [str(part) for part in error.absolute_path]
    allowed = list(schema.get("properties", {}))
    if error.validator == "required":
        name = next(name for name in error.validator_value if name not in error.instance)
        path, message = [*path, name], "is missing"
        hint = f"It is {_wanted(error.schema.get('properties', {}).get(name, {}))}."
    elif error.validator == "additionalProperties":
        name = next(iter(set(error.instance) - set(error.schema.get("properties", {}))))
        path, message = [*path, name], "is not known"
        close = difflib.get_close_matches(name, allowed, 1)
        hint = f"Did you mean `{close[0]}`?" if close else f"There are: {', '.join(allowed) or 'none'}."
    elif error.validator in ("type", "anyOf", "enum", "const"):
        message = "can't be used"
        hint = f"It must be {_wanted(error.schema)}."
    else:
        message = "is out of its limits"
        hint = f"Its {error.validator} is {error.validator_value}."
    place = ".".join(path)
    return Fault(Code.INVALID_INPUT, f"The argument `{place}` {message}.", hint, about=path[0] if path else "")


def _wanted(schema: dict[str, Any]) -> str:
    """What a schema wants, in words."""
    if "anyOf" in schema:
        return " or ".join(_wanted(option) for option in schema["anyOf"])
    if "enum" in schema:
        return f"one of {', '.join(json.dumps(option) for option in schema['enum'])}"
    kinds = schema.get("type", ())
    words = [_TYPE_WORDS.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    text = " or ".join(words) or "a value"
    return f"{text} ({schema['description'].rstrip('.')})" if schema.get("description") else text
