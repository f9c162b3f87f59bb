"""Readings of work on files, rows, cells and jobs."""

from __future__ import annotations

from .reading import Reading

_ROWS = r"(rows?|lines?|records?|entries|entry|examples?|samples?|cases|observations|specimens|customers|houses|homes|flowers|reviews|texts)"
_PLEASE = r"(?:(?:please|pls|can you|could you|would you|me|now)\W+)*"

WORKING: tuple[Reading, ...] = (
    Reading(
        "scores of a whole frame",
        "make_batch_prediction",
        "predictions of {model} for all rows, kept",
        cues=(
            (r"\b(score|predict|classify|label|run|apply|process|pass(ed)?|predictions?|output)\b.*(DATAFILE|\bto (a )?file\b|\bsaved?\b|\bstored?\b|\bkept\b|\bkeep\b|\bexport\b|\bin(to)? (a )?(new )?(column|variable|table))", 3.4),
            (r"(MODEL|predict\w*|scor\w+|y_pred)\b.*\b(in ?to|as|called|named|save\w*|retained|write|written|output)\b (\w+ ){0,3}(UNKNOWN|DATAFILE)|(MODEL|FRAME)\b.*\binto [a-z]\w*\W*$", 3.4),
            (r"MODEL (over|on|for) (the )?(file )?DATAFILE|DATAFILE.*\b(score|scored|predict\w*)\b", 3.2),
            (r"\b(batch|call list|score the (lot|whole|entire|pile)|everyone in it)\b", 2.2),
        ),
        needs=("work",),
        likes={"model": 0.2, "row": -2.0, "values": -0.6},
        careful=True,
    ),
    Reading(
        "rows",
        "sample_rows",
        "rows of the data, shown as they are",
        cues=(
            (rf"^\W*{_PLEASE}(show|print|display|list|see|give|read|view)\W+(?:(?:me|the|some|a few|few|first|top|random|NUM)\W+)*{_ROWS}?\W*((of|from|in|out of) )?(the )?FRAME(\W+(please|pls|thanks))*\W*$", 4.0),
            (r"^\W*((the )?(head|top|first NUM|first few|sample|peek) (of|from|at|in) (the )?FRAME|FRAME\W*(head|tail)(\(? ?NUM? ?\)?)?)(\W+(please|pls))*\W*$", 4.0),
            (rf"\b(show|see|look at|print|display|list|view|read|open|give|pull|frst|sho|exhibit\w*|exhibited|reproduced)\b.*\b{_ROWS}\b", 2.0),
            (r"\b(head|tail|preview|peek|verbatim|limit NUM|select \*)\b|\brandom\b.*\bFRAME|\bNUM (random|more|further)\b", 2.2),
            (rf"\b(first|last|top|random|some|NUM) (NUM )?{_ROWS}\b", 1.9),
            (r"\b(open|everything (we|you) have on|complete(ly)?)\b.*\bROW|ROW\b.*\b(complete|in full)\b", 2.1),
        ),
        needs=("work",),
        likes={"frame": 0.4, "model": -1.5},
        exact=True,
        careful=True,
    ),
    Reading(
        "model files",
        "list_model_files",
        "the model files in this folder",
        cues=(
            (r"\b(models?|estimators?|scorers?|pickles?|joblibs?|forecasts?)\b.*\b(files?|folder|disk|directory|stored|saved|serialized|serialised|machine|drive)\b", 2.6),
            (r"\b(saved|stored|serialized|serialised|pickled|exported) models\b", 4.0),
            (r"\b(files?|saved|stored|serialized|serialised)\b.*\b(models?|estimators?|pickles?|joblibs?)\b", 2.5),
        ),
        needs=("work",),
        likes={"model": -1.5, "frame": -1.5, "model file": -2.5, "data file": -2.0, "values": -1.0},
    ),
    Reading(
        "model file",
        "inspect_model_file",
        "what a model file holds, without loading it",
        cues=(
            (r"\b(inspect|inside|in it|contents?|look into|safe|what is|what's|who made|made with|which version|characteri[sz]ed|check|before (i|we))\b.*MODELFILE", 3.3),
            (r"MODELFILE.*\b(inside|contents?|safe|who made|what is (it|in)|what's (it|in)|trust|version|without load\w*|characteri[sz]ed)\b", 3.6),
        ),
        needs=("work",),
        likes={"model file": 0.3},
    ),
    Reading(
        "load a model",
        "load_model",
        "load a model from its file",
        cues=(
            (r"\b(load|reload|open|import|bring|get|read|restore[d]?|unpickle|fetch)\b.*MODELFILE|MODELFILE.*\b(load|restored?|back|in)\b", 2.8),
        ),
        needs=("work",),
        likes={"model file": 0.3},
        careful=True,
    ),
    Reading(
        "save a model",
        "save_model",
        "save {model} to a file",
        cues=(
            (r"\b(save|store|dump|export|persist|write|keep|serialize|serialise|pickle|back ?up)\b.*(MODEL\b|\bit\b|MODELFILE)", 2.8),
            (r"MODEL\b.*\b(to|into|on|as)\b.*(MODELFILE|\b(disk|file)\b)", 2.4),
        ),
        needs=("work",),
        likes={"model": 0.3, "frame": -1.0, "data file": -1.5},
        careful=True,
    ),
    Reading(
        "data file",
        "validate_dataset_file",
        "a check of a data file",
        cues=(
            (r"\b(check|valid\w*|ok|okay|clean|broken|problems?|errors?|malformed|delimiter|headers?|match|mess\w*|any good|look over|wrong|examined?|right|all (the )?columns|dirty|before (i|we|it))\b.*DATAFILE", 3.2),
            (r"DATAFILE.*\b(suits?|fits?|check|valid\w*|ok|okay|clean|broken|problems?|errors?|malformed|delimiter|headers?|match|mess\w*|any good|wrong|right|all (the )?columns|dirty)\b", 3.2),
        ),
        needs=("work",),
        likes={"data file": 0.3},
    ),
    Reading(
        "load data",
        "load_dataset",
        "load a data file",
        cues=(
            (r"\b(load|read( in)?|import|open|bring|get|fetch|read_csv)\b.*DATAFILE|DATAFILE.*\b(load|as (a )?(data ?frame|table|UNKNOWN))\b", 2.7),
        ),
        needs=("work",),
        likes={"data file": 0.3, "model": -0.6},
        careful=True,
    ),
    Reading(
        "model card",
        "write_model_card",
        "a model card of {model}",
        cues=(
            (r"\bmodel ?cards?\b|\binfo ?sheet\b|\bone.?pager\b|\bdatasheet\b", 3.4),
            (r"\b(document(ation)?|write up)\b.*(MODEL|\bmodel\b)", 2.4),
        ),
        needs=("work",),
        likes={"model": 0.2},
        careful=True,
    ),
    Reading(
        "stop a job",
        "cancel_job",
        "stop the running job",
        cues=(
            (r"^\W*(please |pls )?(stop|cancel|abort|kill|halt|interrupt|terminate)( (it|that|this|now|the|running|current|batch|scoring|job|run|prediction|please|pls|immediately))*\W*$", 3.2),
            (r"\b(stop|cancel|abort|kill|halt|interrupt|terminate)\b.*\b(job|batch|scoring|run|prediction|it|that)\b", 2.3),
        ),
        needs=("work",),
        likes={"model": -0.8, "values": -1.5},
    ),
    Reading(
        "undo",
        "undo_last_change",
        "take back the last change",
        cues=(
            (r"^\W*(please |pls |can you |could you )?(undo|revert|roll ?back|ctrl.?z|take (it|that) back)( (it|that|this|the|last|change|step|please|pls|again|back))*\W*$", 3.2),
            (r"\b(undo|revert|roll ?back|reinstated?|ctrl.?z)\b", 2.0),
        ),
        needs=("work",),
        likes={"values": -1.0, "row": -1.0},
        careful=True,
    ),
    Reading(
        "notebook",
        "read_notebook",
        "the outline of the notebook",
        cues=(
            (r"\b(outlin\w+|structure|table of contents|toc|overview|architecture|summary|summari[sz]e)\b.*\b(notebook|script|cells?)\b|\b(notebook|script)\b.*\b(outlin\w+|structure|do|does|architecture)\b", 2.8),
            (r"\btable of contents\b|\bnotebook outline\b", 3.0),
        ),
        needs=("work",),
        likes={"model": -0.5, "values": -1.0},
    ),
    Reading(
        "last error",
        "read_notebook",
        "the last errors of the notebook",
        cues=(
            (r"\b(last|latest|red|big|this|the|recent) (execution |cell )?(errors?|exceptions?|tracebacks?)\b|\btracebacks?\b|\bexceptions?\b", 2.8),
            (r"\bwhy\b.*\b(cell|it) (fail|crash|broke)\w*|\bwhat went wrong\b|\bcell\b.*\b(fail|crash)\w*", 3.3),
        ),
        needs=("work",),
        args={"part": "errors"},
        likes={"model": -1.0, "values": -1.0, "row": -1.0},
    ),
    Reading(
        "origin",
        "read_notebook",
        "where a name comes from",
        cues=(
            (r"\bwhere (does|do|did|is|was)\b.*(FRAME|OTHER|MODEL).*\b(come|from|made|created|defined|computed)\b|\bwher\w* .*\b(FRAME|OTHER) (com|come)\b", 3.2),
            (r"\b(which|what|by which) (cell|block|line|code)\b.*(FRAME|OTHER)|(FRAME|OTHER)\b.*\b(overwritten|defined|created|come from|brought into)\b", 3.2),
        ),
        needs=("work",),
        args={"part": "definitions"},
        likes={"values": -1.0, "row": -1.0},
    ),
    Reading(
        "scoring function",
        "propose_cell",
        "a cell with a scoring function of {model}",
        cues=((r"\bscoring function\b|\b(function|def)\b.*\b(predict\w*|scor\w+)\b", 3.6),),
        needs=("work",),
        args={"kind": "scoring_function"},
    ),
    Reading(
        "batch script",
        "propose_cell",
        "a batch script of {model}",
        cues=((r"\b(batch|scoring) script\b|\bscript\b.*\b(predict\w*|scor\w+)\b", 3.6),),
        needs=("work",),
        args={"kind": "batch_script"},
    ),
    Reading(
        "run code",
        "run_code",
        "run this code",
        cues=((r"^\W*(?:(?:please|pls|can you|could you)\W+)*(?:run|execute|exec|eval)\b.*[\w\])]\s*[.(\[=].*$", 3.6),),
        needs=("work",),
        likes={"row": -1.0, "model": -0.5},
        exact=True,
        careful=True,
    ),
    Reading(
        "registration",
        "register_model",
        "register {model}",
        cues=(
            (r"\b(register|regster|enrol|enroll)\b|\b(on|onto|to|in|into) (your|the) (list|menu|register|registry)\b", 2.8),
            (r"\bMODEL (takes|has|uses) (the )?(columns|inputs) (of|from|as in) FRAME", 3.4),
            (r"\b(make|becomes?|be) .*\bknown\b|\btake (it|MODEL)( \w+)? in\b", 2.4),
        ),
        needs=("work",),
        likes={"model": 0.3, "values": -1.0},
        careful=True,
    ),
)  # fmt: skip
