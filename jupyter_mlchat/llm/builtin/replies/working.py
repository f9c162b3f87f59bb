"""Replies about rows, jobs, the notebook's cells and what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..markdown import code, escape, prose, table, value

Found = Mapping[str, Any]
_COLUMNS = 12
_CELLS = 30
_STATUS = {"failed": "failed", "running": "running", "unknown": "did not run here"}


def rows(args: Found, found: Found) -> str:
    shown = found.get("rows") or []
    where = f" where {code(found['where'])}" if found.get("where") else ""
    if not shown:
        return f"There are no rows in {code(found.get('data'))}{where}."
    columns = list(found.get("columns") or [name for name in shown[0] if name != "row"])[:_COLUMNS]
    cells = [[value(row.get("row")), *(value(row.get(column)) for column in columns)] for row in shown]
    head = f"{value(found.get('n'))} rows of {code(found.get('data'))}{where}, drawn at random:"
    return f"{head}\n\n{table(('row', *map(code, columns)), cells)}"


def batch(args: Found, found: Found) -> str:
    lines = [prose(found["message"])] if found.get("message") else []
    lines += [f"{code(found.get('model_id'))} has predicted {code(found.get('data'))}: {value(found.get('n'))} rows "
             f"into {code(found.get('into'))}."]  # fmt: skip
    if found.get("quarantined"):
        reasons = ", ".join(f"{escape(name)} {value(count)}" for name, count in (found.get("reasons") or {}).items())
        lines.append(f"{value(found['quarantined'])} of them could not be predicted: {reasons}.")
    counts = found.get("counts")
    if isinstance(counts, Mapping) and counts:
        lines.append(", ".join(f"{escape(name)}: {value(count)}" for name, count in counts.items()) + ".")
    if found.get("mean") is not None:
        lines.append(f"The mean prediction is {value(found['mean'])}.")
    return " ".join(lines)


def told(args: Found, found: Found) -> str:
    """What the tool says in its own words."""
    return prose(found.get("message") or "Done.")


def notebook(args: Found, found: Found) -> str:
    if found.get("part") == "errors":
        return _error(found)
    return _names(found) if found.get("part") == "definitions" else _outline(found)


def _outline(found: Found) -> str:
    cells = found.get("cells") or []
    if not cells:
        return "No cell has run in this kernel yet."
    lines = []
    for cell in cells[:_CELLS]:
        said = [escape(cell["heading"])] if cell.get("heading") else []
        said += [f"makes {_listed(cell['defines'])}"] if cell.get("defines") else []
        said += [f"changes {_listed(cell['changes'])}"] if cell.get("changes") else []
        said += [f"imports {_listed(cell['imports'])}"] if cell.get("imports") else []
        status = _STATUS.get(str(cell.get("status")))
        said += [f"**{status}**" + (f" with {code(cell['error'])}" if cell.get("error") else "")] if status else []
        lines.append(f"- In\\[{value(cell.get('cell'))}\\]: {'; '.join(said) or 'makes nothing'}")
    return f"{value(found.get('total'))} cells:\n\n" + "\n".join(lines)


def _error(found: Found) -> str:
    error = found.get("error")
    if not isinstance(error, Mapping):
        return "No cell has failed in this kernel."
    line = f", line {value(error['line'])}" if error.get("line") is not None else ""
    where = f" in In\\[{value(error['cell'])}\\]{line}" if error.get("cell") is not None else ""
    message = f": {escape(error['message'], 400)}" if error.get("message") else ""
    lines = [f"The last error was {code(error.get('type'))}{where}{message}"]
    if error.get("ran_well_later_in") is not None:
        lines.append(f"The same ran well later, in In\\[{value(error['ran_well_later_in'])}\\].")
    return "\n\n".join(lines)


def _names(found: Found) -> str:
    lines = []
    for one in (found.get("names") or ())[:_CELLS]:
        kind = f" ({escape(one['type'])})" if one.get("type") else ""
        latest = one.get("latest")
        made = f"was made in In\\[{value(latest)}\\]" if latest is not None else "was not made by a cell that I saw"
        more = [f"changed in {_cells(one['changed_in'])}"] if one.get("changed_in") else []
        more += [f"used in {_cells(one['used_in'])}"] if one.get("used_in") else []
        lines.append(f"- {code(one.get('name'))}{kind} {'; '.join([made, *more])}")
    return "\n".join(lines) or "No names are defined by the cells that I saw."


def proposal(args: Found, found: Found) -> str:
    if found.get("valid") is False:
        return "That is not Python that could run."
    gone = found.get("unknown_names") or ()
    unknown = f" Names that don't exist here: {_listed(gone)}." if gone else ""
    return f"The cell below is a proposal; nothing was inserted or run.{unknown}"


def ran(args: Found, found: Found) -> str:
    status = str(found.get("status") or "finished")
    error = found.get("error")
    said = {"finished": "The code has run", "interrupted": "The code was interrupted"}.get(
        status, "The code has failed"
    )
    lines = [f"{said} with {code(error.get('type'))}." if isinstance(error, Mapping) else f"{said}."]
    for key, label in (("created", "New"), ("changed", "Changed"), ("deleted", "Deleted")):
        if found.get(key):
            lines.append(f"{label}: {_listed(found[key])}.")
    return " ".join(lines)


def _listed(names: Any) -> str:
    return ", ".join(code(name) for name in list(names)[:10])


def _cells(numbers: Any) -> str:
    return ", ".join(f"In\\[{value(number)}\\]" for number in list(numbers)[:10])
