"""Readings about models as a whole: how good they are, where they fail, whether they still fit the data."""

from __future__ import annotations

from .reading import Reading

_MEASURES = (
    r"(accura(te|cy)|acc|precision|recall|f1|rmse|mae|mse|mape|r2|r.?squared|auc|pr.?auc|roc|log ?loss|brier"
    r"|specificity"
    r"|sensitivity|hit rate|gini|ks|silhouette|metrics?|mean absolute error|error rate)"
)
_SHUFFLED = r"(shuffl\w*|permut\w*|scrambl\w*)"
_INPUT = r"(features?|columns?|inputs?|variables?|predictors?)"
_GROUPS = r"(men|women|seniors?|elderly|pensioners|older|younger|males?|females?|groups?|gender|age)"

MEASURING: tuple[Reading, ...] = (
    Reading(
        "evaluation",
        "evaluate_model",
        "how good {model} is",
        cues=(
            (rf"\b{_MEASURES}\b", 2.5),
            (r"\b(confusion (matrix|table)|confusion|crosstab|calibrat\w*|evaluat\w*|assess\w*|benchmark)\b", 2.7),
            (r"\bhow (good|well|accurate|reliable|bad|wrong)\b|\b(perform(s|ance|ing)?|quality)\b", 2.5),
            (r"\bhow often\b.*\b(right|wrong|correct)\b|\b(gets?|is) (it )?(right|correct)\b", 2.3),
            (r"\b(trust|rely on)\b|\bhow much variance\b|\b(over|under)fit\w*\b|\blearn(ed|t)? anything\b", 2.2),
            (r"\bhow (far|much) (off|out)\b|\berror of\b|\btest score\b", 2.3),
        ),
        needs=("model", "held", "by"),
        likes={"model": 0.3, "frame": 0.1, "values": -1.0, "row": -1.5, "two models": -1.2},
    ),
    Reading(
        "comparison",
        "compare_models",
        "a comparison of models",
        cues=(
            (r"\bcompar\w*\b.*(MODEL|models)|(MODEL|models).*\bcompar\w*|\b(side by side|head to head)\b", 2.8),
            (r"(MODEL|one|that|it|this).*\b(better|worse|beats?|wins?|winner|closer|stronger)\b", 2.3),
            (r"MODEL (vs\.?|versus|or|against|minus|over) (the )?MODEL", 2.2),
            (r"\b(best|better|winner|rank)\b.*\b(models?|estimators?|classifiers?|regressors?)\b", 2.6),
            (r"\bwhich (one )?(of (the|these|those) )?(\w+ )?(models?|one|is)\b.*\b(best|better|wins?|worst"
             r"|lowest|highest)\b", 2.7),
            (r"\bbest one\b", 2.0),
        ),
        needs=("several", "held", "metric"),
        likes={"two models": 0.8, "values": -0.3, "row": -1.0, "feature": -0.8, "two frames": -1.5},
    ),
    Reading(
        "mistakes",
        "analyze_errors",
        "where {model} is wrong",
        cues=(
            (r"\bwher\w*\b.*\b(wrong|fails?|mistak\w*|errs?|worst|struggles?|bad)\b", 3.2),
            (r"\b(mistakes?|misclassif\w*|misses|failures?|residuals?|false (negatives?|positives?)|fns?|fps?)\b", 2.7),
            (r"\berror analysis\b|\banaly[sz]e (the |its )?errors\b", 4.2),
            (r"\b(error slices?|errors? (of|by|in)|mix(es)? up|confuses?)\b", 2.9),
            (r"\bworst (rows|cases|predictions|groups|segments|errors)\b|\b(gets?|got) \w+ wrong\b"
             r"|\bwrong(ly)?\b", 2.5),
            (r"\b(which|what) (\w+ )?(segments?|groups?|slices?|subgroups?|rows|cases|customers|people)\b.*MODEL.*\b(struggles?"
             r"|fails?|wrong|worse|worst|bad|errs?)\b", 3.8),
            (r"\bon (whom|which|what)\b.*\bwrong\b|\bfurthest (off|from)\b", 2.8),
        ),
        needs=("model", "held"),
        likes={"model": 0.3, "values": -1.0, "row": -1.5},
    ),
    Reading(
        "permutation importance",
        "get_feature_importance",
        "how much worse {model} is without each input",
        cues=(
            (r"\bpermutation( feature| based)? (importances?|ranking|scores?)\b|\bpermutation.importances?\b", 4.6),
            (rf"\b(importances?|matters?|important|influen\w+)\b.*\b(by|with|from|using|through|via|under|after|when)\b"
             rf"( \w+)? {_SHUFFLED}", 4.6),
            (rf"\bby (the )?{_SHUFFLED}\b", 4.0),
            (rf"\b{_SHUFFLED}\b.*\b(importances?|matters?|important)\b", 4.4),
            (rf"\bhow much (worse|accuracy|performance|score|error)\b.*\b{_SHUFFLED}\b.*\b(FEAT|{_INPUT}|each|one)\b"
             rf"|\bhow much (worse|accuracy|performance|score|error)\b.*\b(FEAT|{_INPUT})\b.*\b{_SHUFFLED}\b", 4.6),
        ),
        needs=("model", "held", "top"),
        args={"method": "permutation"},
        likes={"model": 0.3, "values": -2.0, "row": -2.0},
    ),
    Reading(
        "interval",
        "get_prediction_interval",
        "how sure {model} is",
        cues=(
            (r"\bhow (sure|certain|confident|uncertain|reliable)\b|\b(un)?certainty\b", 3.2),
            (r"\bintervals?\b|\berror bars?\b|\b(lower|upper) bounds?\b|\bbounds\b|\bplus or minus\b", 3.2),
            (r"\b(lowest|least) and (the )?(highest|most)\b|\bbetween what and what\b|\bPCT (pi|ci)\b|\b(pi"
             r"|ci) for\b", 3.2),
            (r"\b(range|rnge)\b|\bdegree of uncertainty\b|\bbest case\b.*\bworst case\b", 2.8),
        ),
        needs=("model", "one", "level"),
        likes={"values": 1.1, "many": 0.5, "complete": 0.8, "model": 0.4, "row": 1.2, "before": 0.3, "no one": -1.0},
        tolerance=0.4,
    ),
    Reading(
        "thresholds",
        "get_threshold_curve",
        "the thresholds of {model}",
        cues=(
            (r"\bthresholds?\b|\bcut.?offs?\b|\boperating points?\b", 3.0),
            (r"\bprecision.recall (curve|curv)\b|\b(pr|roc).?curve\b", 3.4),
            (r"\b(put|set|move) the (cut|border|bar)\b|\bborder\b", 2.2),
        ),
        needs=("model", "held", "costs"),
        likes={"model": 0.3, "row": -1.5, "values": -0.5},
    ),
    Reading(
        "fairness",
        "check_fairness",
        "how {model} treats groups",
        cues=(
            (r"\b(un)?fair(ly|ness)?\b(?! (price|value|deal|offer))|\bdiscriminat\w*|\bequali[sz]ed odds\b|\bdemographic parity\b"
             r"|\bdisparate\b|\b(dp|tpr) gap\b", 3.0),
            (r"\b(bias|biased)\b.*(FEAT|CAT|MODEL)|(FEAT|MODEL).*\b(bias|biased)\b", 2.8),
            (rf"\btreat(s|ed|ing)?\b.*(\b{_GROUPS}\b|FEAT|CAT)", 3.6),
            (r"\b(alike|equally|differently|worse than the rest)\b", 1.2),
            (r"\bsystematic\w* (under|over)\w+", 2.4),
        ),
        needs=("model", "group", "held"),
        likes={"model": 0.3, "values": -0.6, "row": -1.5},
        tolerance=0.5,
    ),
    Reading(
        "drift",
        "check_drift",
        "whether data is still like what {model} was trained on",
        cues=(
            (r"\bdrift\w*|\bdrfit\b|\bpsi\b", 3.0),
            (r"\b(same|different|compare|changed?|shifted|shift)\b.*\b(distributions?|population|crowd)\b", 2.6),
            (r"\b(distributions?|population)\b.*\b(same|differ\w*|changed?|shifted|shift)\b", 2.6),
            (r"\b(shifted|moved)\b.*\btrain\w*|\blike the train\w*( data)?\b|\bdifferent from (the )?train\w*", 2.6),
            (r"\bcompare (the )?FRAME (with|to|against|and) (the |its )?train\w*( data| set)?\b", 4.0),
            (r"\bFRAME\b.*\b(differ(s|ent)?|still like|the same as|similar to)\b.*\b(train\w*|saw|seen|fitted (on|with))\b", 3.8),
        ),
        needs=("model", "new data"),
        likes={"frame": 0.5, "two frames": 0.3, "values": -1.0, "row": -1.5},
    ),
    Reading(
        "leakage",
        "check_leakage",
        "signs of leakage in {model}",
        cues=(
            (r"\b(leak\w*|cheat\w*)\b", 3.0),
            (r"\btoo good\b|\bshown the answers?\b|\b(sees?|knows?) (the )?(answers?|target|future)\b"
             r"|\bdisguise\w*\b", 2.8),
            (r"\b(same|duplicate\w*|dupes?|both)\b.*\b(train|test|FRAME and FRAME)\b", 2.2),
            (r"\b(rows|records|cases|lines) (of|in|from) (the )?FRAME\b.*\b(in|among|part of) (the |its )?train\w*", 4.0),
            (r"\binformation from the future\b|\bseeped\b|\bgives? .*\baway\b", 2.6),
        ),
        needs=("model",),
        likes={"model": 0.3, "values": -1.0, "row": -1.5},
        tolerance=0.5,
    ),
    Reading(
        "freshness",
        "check_freshness",
        "whether {model} is up to date",
        cues=(
            (r"\bup.?(to|2).?date\b|\bup2date\b|\b(stale|outdated|out of date|too old|obsolete|fresh)\b", 3.2),
            (r"\bstill (actual|current|valid|good|what the cells)\b", 2.6),
            (r"\b(which|what) cell\b.*\b(fit(ted|s)?|trained|populated|made|created|train)\b", 3.2),
            (r"\b(refit|retrain\w*) (needed|necessary)\b|\bneed\w* (a |to be )?(refit\w*|retrain\w*)\b"
             r"|\b(modified|changed|rerun) (after|since)\b", 2.8),
        ),
        needs=("model",),
        likes={"model": 0.4, "values": -1.0, "row": -1.5},
    ),
    Reading(
        "search results",
        "get_search_results",
        "what the search {model} found",
        cues=(
            (r"\b(find|found|tried|try|win|won)\b", 2.0),
            (r"\bbest (hyper ?)?(param\w*|parms|settings?|combinations?|combos?|candidates?)\b", 2.8),
            (r"\b(grid|random(ized)?|halving|hyperparameter|parameter) search\b|\bcv results\b|\btrials\b"
             r"|\brunner.?up\b", 2.6),
            (r"\b(param\w*|settings?) (combos?|combinations?)\b|\b(winning|which) (settings?|combination)\b", 2.6),
        ),
        needs=("search",),
        likes={"search": 0.5, "values": -1.5, "row": -1.5, "frame": -0.8, "no search": -3.0},
    ),
)  # fmt: skip
