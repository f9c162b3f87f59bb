"""What the engine can read, as data: for each call its cues, what it needs, what speaks for and against it."""

from __future__ import annotations

from .reading import Reading
from .readings_explaining import EXPLAINING
from .readings_measuring import MEASURING
from .readings_relating import RELATING
from .readings_working import WORKING

_MODELS = r"(models|estimators|predictors|classifiers|regressors|pipelines)"
_TABLES = r"(dataframes?|data frames?|frames|datasets?|data sets?|tables|arrays)"
_HERE = r"(have|there|here|loaded|available|defined|memory|notebook|kernel|session|ready|exist)"
_INPUTS = r"(features?|columns?|inputs?|fields?|variables?|attributes?|predictors?|factors?|drivers?)"
_VITAL = r"(important|vital|meaningful|significant|crucial|key|decisive|useful|predictive|influential)"
_SUMMARY = r"(describe|summari[sz]e|summary|overview|statistics?|stats|profile)"
_STATISTIC = (
    r"(mean|average|avg|median|min|max|minimum|maximum|std|standard deviation|distribution|value counts|"
    r"unique|most (frequent|common)|counts?|range|values?)"
)
_GIVEN = {"values": 1.1, "many": 0.5, "complete": 0.8, "model": 0.4}
"""An input and a model speak as much for a check as for a prediction: the cue decides between them."""

_NO_NAMES = {"model": -1.5, "feature": -0.8, "values": -1.5, "frame": -0.8, "unknown": -1.5}

OF_NAMESPACE: tuple[Reading, ...] = (
    Reading(
        "models",
        "list_models",
        "the models in this kernel",
        cues=(
            (rf"^(so )?(my |all |the |any |all my )?{_MODELS}( please| list)?\W*$", 3.0),
            (rf"\b(which|what|list|show|enumerate|any|every|all|my|inventory of|got)\b.*\b{_MODELS}\b", 2.4),
            (rf"\b{_MODELS}\b.*\b{_HERE}\b", 2.4),
            (
                r"\b(any|which|what|a|every|each|inventory)\b.*\b((un)?(trained|fitted)|classifier|estimator)\b",
                2.2,
            ),
            (rf"\bhow many {_MODELS}\b|\bmodel (list|inventory|overview)\b", 2.4),
        ),
        likes=_NO_NAMES,
    ),
    Reading(
        "unfitted models",
        "list_models",
        "the models that are not fitted",
        cues=(
            (rf"\b(unfitted|untrained|not (yet )?(fitted|trained)|without fit)\b.*\b{_MODELS}\b", 3.2),
            (rf"\b{_MODELS}\b.*\b(unfitted|untrained|(not|n't) (yet )?(fitted|trained|ready))\b", 3.2),
            (rf"\b{_MODELS}\b.*\b(need|needs|require)\b.*\bfit(ting)?\b", 3.2),
        ),
        args={"status_filter": "unfitted"},
        likes=_NO_NAMES,
    ),
    Reading(
        "summary",
        "get_model_info",
        "a summary of {model}",
        cues=(
            (r"\b(tell|talk|brief|know|say|remind)\b.*\b(about|on|of)\b.*MODEL", 2.4),
            (r"\b(describe|summari[sz]e|introduce|info|information|details?|overview|facts|summary)\b", 2.1),
            (r"\bwhat (kind|type|sort)\b|\b(kind|type|sort) of (model|estimator|thing)\b", 2.4),
            (
                r"\bwhich (kind|type|sort|algorithm|class|estimator)\b|\b(algorithm|class name|model type)\b",
                2.2,
            ),
            (r"MODEL.*\b(fitted|trained|ready)\b|\b(fitted|trained)\b.*MODEL", 1.9),
            (r"\bis MODEL (already )?(un)?(fitted|trained|ready)|\bhas MODEL been (fitted|trained)", 2.6),
            (r"\b(what|who)('s| is| are|s)? MODEL\W*$|^\W*MODEL\W*$|\bwhat about MODEL\W*$", 2.1),
            (r"\bis MODEL an? \w+", 2.6),
            (r"\b(classes|labels|targets?)\b.*(MODEL|\bit\b)|MODEL.*\b(classes|labels)\b", 3.0),
            (r"\b(describe|about|info|details?|summary|what is) (the |this |that |my )?(model|it)\b", 2.2),
        ),
        needs=("model",),
        args={"detail": "summary"},
        likes={"model": 0.2, "frame": -1.6, "values": -1.5, "feature": -0.5, "column": -0.8},
    ),
    Reading(
        "steps",
        "get_model_info",
        "the steps of {model}",
        cues=(
            (r"\b(steps?|stages?|preprocess(ing|or)?|transformers?|transformations?|components?)\b", 2.6),
            (r"\b(inside|within|made (up )?of|consists? of|composed)\b", 2.2),
            (r"\b(scal(er|ing|e)|encod(er|ing)|imput(er|ation))\b", 2.0),
        ),
        needs=("model",),
        args={"detail": "steps"},
        likes={"model": 0.2, "frame": -1.5, "values": -1.5, "feature": -0.5},
    ),
    Reading(
        "parameters",
        "get_model_info",
        "the parameters of {model}",
        cues=(
            (r"\bhyper ?-?param(eter)?s?\b", 2.8),
            (r"\b(param(eter)?s?|settings?|config\w*)\b", 2.4),
            (r"\b(learning.rate|max(imum)?.depth|n.estimators|n.neighbors|random.state)\b", 2.6),
            (r"\b(alpha|gamma|regulari[sz]ation|penalty)\b", 2.6),
            (r"\b(how many|number of) (trees|estimators|neighbou?rs|iterations|layers|leaves|rounds)\b", 2.8),
        ),
        needs=("model",),
        args={"detail": "parameters"},
        likes={"model": 0.2, "frame": -1.5, "values": -1.0},
    ),
    Reading(
        "signature",
        "get_model_info",
        "the inputs of {model}",
        cues=(
            (r"\bwhat (do|does|did|must|should|would)\b.*\b(needs?|requires?|expects?|takes?|want)\b", 2.9),
            (r"MODEL.*\b(needs?|requires?|expects?|takes?|wants?)\b|\b(needed|required|necessary)\b", 2.2),
            (r"\b(inputs?|input (columns|features)|signature|schema)\b", 2.1),
            (rf"\b(which|what|how many|list|required|input)\b.*\b{_INPUTS}\b", 2.0),
            (rf"\b{_INPUTS}\b.*\b(of|for|does|do|must|should|need\w*|expects?|requires?|takes?)\b", 2.1),
            (rf"\b{_INPUTS}\b.*\b(trained|used|works?)\b|\bhow (wide|many)\b.*\b{_INPUTS}\b", 2.1),
            (
                r"\bgoes in(to)?\b|\b(supply|provide|fill(ed)? in|pass|feed|give)\b.*(\b(to|for|so)\b|MODEL)",
                2.1,
            ),
            (r"\b(valid|proper)\b.*\b(input|row|request|payload|entry)\b", 2.8),
            (r"\b(allowed|possible|valid|which|what) (values|categories|levels|ranges?|FEAT)\b", 2.6),
        ),
        needs=("model",),
        args={"detail": "signature"},
        likes={"model": 0.3, "frame": -1.6, "values": -1.5},
    ),
    Reading(
        "validation",
        "validate_features",
        "a check of this input for {model}",
        cues=(
            (r"\b(chokes?|moan|complain)\b", 2.6),
            (r"\b(in)?valid\b|\bvalidat\w*|\bcheck\b|\bverify\b", 2.2),
            (r"\b(ok|okay|fine|alright|sensible|acceptable|allowed|legal|correct|plausible)\b", 2.0),
            (r"\b(accepts?|handle|digest|take|work|works)\b", 1.6),
            (r"\b(would|will|does|can|could|do)\b.*\b(accept|take|handle|digest|work)\b", 2.4),
            (r"\b(good|proper|right) (input|row|values?)\b|\bmissing\b", 2.0),
            (r"\b(anything|something) (wrong|missing|off)\b", 2.0),
            (r"\bcan i (pass|use|give|feed|send)\b|\bis it ok\b", 2.2),
        ),
        needs=("model", "values"),
        likes={**_GIVEN, "no values": -1.0, "frame": -1.0},
        tolerance=0.4,
    ),
    Reading(
        "prediction",
        "make_prediction",
        "prediction with {model}",
        cues=(
            (r"\bpredict(s|ed|ing)?\b|^\W*predictions?\b|\b(make|give me|want) a prediction\b", 2.4),
            (
                r"^\W*((MODEL|ROW|for|on|in|to|please|pls|the|and|with|again|now)\b\W*)*ROW\W*((MODEL|for|on|in|to|please|pls|the|with|by)\b\W*)*$",
                2.0,
            ),
            (r"\b(predictions?|estimate|forecast|classify|probabilit(y|ies)|chances?)\b", 1.7),
            (r"\b(likelihood|how likely|risk|guess)\b", 1.7),
            (r"\b(run|apply|score|feed|label|ask|call|try)\b", 1.2),
            (r"\b(how much|worth|cost|price|would|will|what|says?|outputs?|results?|answer)\b|->|=>", 0.9),
        ),
        needs=("model", "input"),
        likes={**_GIVEN, "row": 1.2, "frame": 0.5, "each": 0.6, "call": 1.0, "no input": -0.1},
        tolerance=0.15,
        cueless=True,
    ),
    Reading(
        "importance",
        "get_feature_importance",
        "what matters to {model}",
        cues=(
            (rf"\b({_INPUTS} )?importances?\b", 2.6),
            (rf"\b(most|more|least|less|top|very|is|are|how) {_VITAL}\b|\b{_VITAL} {_INPUTS}\b", 3.0),
            (r"\bmatter(s|ed)?\b|\binfluen\w+|\brelevan(t|ce)\b", 3.0),
            (r"\b(drives?|driving|drivers)\b", 2.2),
            (r"\bcoef(s|ficients?)?\b|\bweights\b", 2.5),
            (rf"\b(strongest|biggest|top|best) (NUM )?{_INPUTS}\b", 2.5),
            (r"\bwords?\b.*\bweights?\b|\bkey drivers\b|\bdecisive factors?\b", 2.6),
            (r"\bglobal(ly)? (explanation|explain)|\blooks? at the most\b", 3.0),
            (r"\b(can|could|may) i (ignore|leave out)\b", 3.0),
            (rf"\b(which|what) {_INPUTS}\b.*\bi (ignore|leave out|drop|remove|omit|do without)\b", 3.8),
            (r"\b(relies|rely|depends?|looks?) (most |mainly |mostly )?(up)?(on|at)\b", 1.9),
            (r"\btop NUM\b|\bNUM top\b", 1.4),
        ),
        needs=("model",),
        likes={"model": 0.2, "values": -2.0, "frame": -0.3, "row": -2.0},
    ),
    Reading(
        "frames",
        "list_dataframes",
        "the data frames in this kernel",
        cues=(
            (rf"^(my |all |the |any )?{_TABLES}\W*$", 3.0),
            (rf"\b(which|what|list|show|any|all|my|got|enumerate)\b.*\b{_TABLES}\b", 2.4),
            (rf"\b{_TABLES}\b.*\b{_HERE}\b", 2.4),
            (rf"\b(which|what) data\b.*\b{_HERE}\b", 2.3),
        ),
        likes={"model": -1.5, "feature": -0.8, "values": -1.5, "frame": -1.5, "unknown": -1.0},
    ),
    Reading(
        "frame",
        "describe_dataframe",
        "a description of {frame}",
        cues=(
            (rf"\b({_SUMMARY}|info|about)\b", 2.0),
            (rf"\b{_SUMMARY}\b.*\b(data|data ?frame|dataset|table)\b", 2.6),
            (r"\b(shape|size|big|large|dtypes?|types)\b|\bhow (many|big|large)\b", 2.0),
            (r"\b(columns?|rows|records|lines|fields)\b|\bnumber of\b", 1.5),
            (r"\brows (and|or) columns\b|\bcolumns (and|or) rows\b", 2.0),
            (r"\b(missing|nulls?|nans?|gaps?|holes?|complete(ness)?|empty)\b", 2.2),
            (r"\bhow many (missing|nulls?|nans?)\b", 2.6),
            (rf"\b{_STATISTIC}\b.*(FEAT|FRAME)|FEAT.*\b{_STATISTIC}\b", 2.0),
            (r"\b(what|which)( is|'s|s)? (the |my |this )?(data|table|frame) like\b", 2.0),
            (r"^\W*FRAME\W*$|\bwhat('?s| is) in FRAME", 2.4),
        ),
        needs=("frame",),
        likes={"frame": 0.5, "column": 0.2, "model": -1.6, "values": -1.5, "row": -2.0},
    ),
    Reading(
        "running",
        "get_running_cell",
        "the running cell",
        cues=(
            (r"\b(is|what|which|anything|still|cell|code)\b.*\brunning\b|\brunning (cell|code|now)\b", 2.6),
            (r"\b(kernel|it|cell|notebook|fit|training|cv|search)\b.*\b(busy|finish(ed)?|done|doing)\b", 2.2),
            (r"\b(eta|how (far|long)|progress|busy)\b", 2.2),
            (r"\bstill (fitting|training|going)\b", 2.4),
            (r"\bhow (long|far)\b.*\b(training|fit|fitting|take|left|cell|run|search)\b", 3.0),
        ),
        likes={"values": -2.0, "frame": -1.5, "feature": -1.0, "model": -0.5},
    ),
    Reading(
        "system",
        "get_system_status",
        "the system status",
        cues=(
            (
                r"\b(system|kernel|service|server|environment)( \w+)? (status|info\w*|health|state|stats)\b",
                2.8,
            ),
            (r"\beverything (running|ok|okay|fine|alright|working|up)\b|\bkernel (up|alive)\b", 3.8),
            (r"^(system|status|health)\W*$|\bhealth check\b", 2.6),
            (r"\b(version|versions|release)\b|\bwhat('s| is)? (the )?status\b", 2.3),
            (r"\bhow much (memory|ram)\b|\b(memory|ram|cpus?|cores) (usage|used?|left|free|does|is)\b", 2.2),
            (
                r"\b(python|pandas|numpy|sklearn|scikit|libraries|packages)\b.*\b(installed|using|have|run)",
                2.3,
            ),
        ),
        likes={"model": -1.2, "frame": -1.5, "values": -1.5, "feature": -1.0},
    ),
    Reading(
        "upload",
        "get_upload_status",
        "the status of upload {upload}",
        cues=((r"\buploads?\b|\buploaded\b|\buploading\b", 2.6),),
        needs=("upload",),
        tolerance=0.0,
    ),
    Reading(
        "help",
        "get_available_commands",
        "what I can do",
        cues=(
            (r"^\W*(help|commands|\?)( me)?( please)?\W*$", 3.0),
            (r"\bwhat (can|could|do) you (do|help|offer|know)\b|\byou (good at|able|capable)\b", 2.8),
            (r"\b(list|show|all|which|what) (\w+ )?(commands|tools|capabilities|options|questions)\b", 2.6),
            (r"\bhow (do|can|should) i (use|work with|talk to) (this|you|it|the assistant)\b", 2.6),
            (r"\bmy options\b|\bavailable commands\b", 2.6),
            (r"\bhelp\b", 1.2),
        ),
        likes={"model": -1.0, "frame": -1.0, "values": -1.5},
    ),
)
READINGS: tuple[Reading, ...] = (*OF_NAMESPACE, *RELATING, *EXPLAINING, *MEASURING, *WORKING)
