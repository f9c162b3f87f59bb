"""Words as data: those that say nothing, those the readings know, and everyday names of estimators."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


STOP = _set(
    """a an the this that these those it its it's they them their he she his her i i'm im i've me my mine we
    our us you your is are was were be been being am do does did done doing has have had having of for in on
    at to from by with and or but so as if then than into onto via per up out about what what's whats which
    who whom whose how when where there here can could would will shall should may might must please pls plz
    thanks thank just also too very really now again some any all each every both either more most much many
    few other same such only own off over under through not no yes ok okay s t re ve ll d m hey hi oh well
    like get got give gives given giving let lets let's go goes going want wants one ones ask tell show see
    say says said look looking need needs use uses using used make makes made put take takes remind forgot
    know knows now currently right actually exactly quick quickly bit little long far thing things stuff
    kind sort lot available work works around lying something anything nothing"""
)
"""Words that carry no name and no value; they never count as not understood."""

KNOWN = _set(
    """model models estimator estimators predictor predictors classifier classifiers regressor regressors
    pipeline pipelines machine learning trained fitted unfitted untrained list enumerate inventory notebook
    kernel memory loaded defined session ready describe description info information detail details type
    kind algorithm class steps stages inside preprocessing preprocess transformers transformer summary
    overview brief input inputs feature features column columns field fields variable variables attribute
    attributes signature schema require requires required expect expects expected accept accepts accepted
    provide supply pass feed fill filled valid values value allowed range ranges categories example sample
    template payload request row rows line lines record entry look looks hyperparameter hyperparameters
    hyper parameter parameters params param settings setting configured configuration config validate
    validation check checks whether fine sensible wrong good bad missing handle work predict prediction
    predictions predicted predicts predicting estimate estimates forecast classify score scores probability
    probabilities chance chances likely likelihood guess run apply label output outcome result results batch
    each whole entire every everything value worth importance important importances matter matters mattered
    influence influential influences drive drives driver drivers driving relevant relevance coefficient
    coefficients coef coefs weights strongest rank ranking top best overall global globally decision
    decisions contribute contributes count counts dataframe dataframes frame frames dataset datasets data
    table tables array arrays statistics stats statistic shape size big dtypes dtype types null nulls nan
    nans gap gaps hole holes complete completeness contain contains mean average avg median min minimum max
    maximum std standard deviation distribution unique frequent common values running busy progress cell eta
    finish finished finishes done still time doing status system version versions release python pandas
    numpy sklearn scikit library libraries installed cpu ram health healthy upload uploads uploaded help
    commands command capabilities options able delete remove old year years built number numbers names name
    total first last new number total compare accuracy learn explain reason evaluate precision recall rmse auc
    confusion matrix threshold thresholds cutoff leakage leak drift drifted fairness unfair interval intervals
    uncertainty calibration calibrated mistakes residuals errors partial dependence effect form counterfactual flip
    similar fresh stale outdated search trials settings comparison better certain confident instead useless useful
    irrelevant relevant wrong ranking suppose pretend alarm alarms costs miss misses correlation correlations
    correlate correlates correlated shuffled permuted encoded"""
)
"""Words of the readings. They are what typing errors are repaired to, and never taken for a misspelt name."""

PLAIN = _set(
    """able about above according account across act actual actually again against agree ahead almost alone along
    already although always am among amount and another answer answers anybody anyone anyway apart apparently around
    aside asks asked asking assess assume average averaged away back bad based basically because become becomes been
    before began begin behind being believe below beside better between beyond big bigger biggest boss bound bounds
    break bring brings broken brought business calculate call called calls came care case cases cause caused causes
    certain certainly change changed changes changing cheap cheaper check churn churner churners churning class
    classes classified classifies clear clearly client clients close closest colleague come comes coming common
    compared comparison concerning condition consider considered constant correct correctly could couple course
    cross curve curious customer customers cut decide decided decides decision deck deeply degree delta depend depends
    determine difference different differ differs differently direction doubt down dude dunno each earlier easily
    easy effect either else end enough especially estimated even ever everybody everyone exact example excellent
    excuse expensive explain explained explains extent fact fail fails fair fairly fall falls false far fast fewer
    field figure figures final finally find finds first fit flat flower flowers folks follow following found full
    further game general generally given gone got great greater group groups guess guys half happen happened happens
    hard head held hello hence here hey high higher highest him hold holds home homes honest honestly hope house
    houses however idea if imagine immediately improve in increase indeed indicate inside instance interest
    interested interesting into issue item job judge judged just keep keeps kept key kinda knowing known large larger
    largest late later latest lead leads learn least leave leaver leavers leaves leaving left length less lets level
    life listed lose lost loud lower lowest main mainly manager margin maybe mean means meet mentioned mind minute
    mistake moment month months morning mostly move moved moves my naturally near nearly necessary neither never
    next nobody nor normal normally nothing notice obtain obviously occur offer office often old older once opinion
    option order ordinary otherwise outcome outside overall owner page part particular parts past pay pays people
    per percent percentage perhaps person persons picture place plain point possible present presented pretty
    previous price prices priced probably problem produce properly property puzzled puzzling quality question quite
    rate rates rather read real really reason reasonable reasons recent recently regard regarded regards related
    remain report respect response rest result return review reviews reviewed right role rough roughly said same saw
    saying says second see seem seems seen send sense separately set several share side similar simple simply since
    single situation size slightly slowly small smaller so solely somebody somehow someone something sometimes
    somewhat soon sorry sort species specific stand start started state stay stays step still stop straight strange
    strong stronger strongest stuff suddenly suppose supposed sure surely surprised surprising switch talk team tells
    tend term terms text texts thanks that then there therefore think thinking thinks this though thought three
    through thus together told tomorrow tonight too took totally toward towards true truly truth try trying turn
    turns twice two typical typically unless until unusual up upon usual usually vary versus want wanted warum way
    ways week weird well went whatever whenever wherever whether while whole whose why wish within without wonder
    wondering word words work worried worse worst worth would wrong yeah year years yes yet young younger your yours
    cause thx pls folks boy oh ah damn man lol btw imo tbh cuz coz gonna wanna gotta dont doesnt isnt cant wont vs
    men women man woman treat treats treated alike equally gap beats whichever rose rise rises fell zeroed zero
    extra uplift passenger passengers patient patients visitor user users file record listing property flat
    apartment dwelling
    residence tenant member account verdict retained retain retention leave departing departure loyal loyalty
    conclusion confess confirm remark remarked conjecture investigate investigated verify verified ascertain desire
    desired appearing appear appears sole withheld unseen reserved test tests train training partition sample scores
    metric metrics usual standard fully exactly precisely respectively brief kindly humbly regarding toward unto
    valuation valuations valued"""
)
"""Ordinary words: they are neither names nor topics, and understanding nothing of them costs nothing."""

GENERIC = _set(
    """model models clf classifier reg regressor est estimator pipe pipeline baseline final best new old df
    data frame dataframe test train val valid hold x y fit fitted my the"""
)
"""Parts of names that single out nothing: "the model" isn't a way to say `churn_model`."""

EVERYDAY: dict[str, tuple[str, ...]] = {
    "RandomForest": ("rf", "forest"),
    "ExtraTrees": ("extra trees",),
    "GradientBoosting": ("gbm", "gbr", "gbc", "gbdt", "boosted trees", "gradient boosting", "the booster"),
    "HistGradientBoosting": ("hgb", "gradient boosting", "boosted trees"),
    "XGB": ("xgboost", "xgb", "boosted trees"),
    "LGBM": ("lightgbm", "lgbm", "boosted trees"),
    "CatBoost": ("catboost",),
    "DecisionTree": ("tree",),
    "SVC": ("svm", "support vector machine"),
    "SVR": ("svm", "support vector machine"),
    "LinearSV": ("svm", "support vector machine", "linear svm"),
    "KNeighbors": ("knn", "nearest neighbours", "nearest neighbors"),
    "LogisticRegression": ("logreg", "logistic model", "logit"),
    "LinearRegression": ("linear model", "ols", "linreg", "the linear one"),
    "Ridge": ("linear model",),
    "Lasso": ("linear model",),
    "MLP": ("neural network", "neural net"),
    "GaussianNB": ("naive bayes",),
    "MultinomialNB": ("naive bayes",),
    "KMeans": ("k means",),
    "GridSearch": ("grid search", "gridsearch"),
}
"""Beginning of a class name to what people say; the class name's own words are added by `names`."""

GROUPS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("men", "women", "man", "woman", "males", "females", "male", "female"), ("sex", "gender")),
    **dict.fromkeys(("elderly", "old", "older", "younger", "young", "pensioners", "retired"), ("age", "senior")),
    **dict.fromkeys(("seniors",), ("senior", "age")),
}
"""What people call groups, to the columns that make them."""

MEASURES: dict[str, str] = {
    r"(roc.?)?auc": "roc_auc",
    r"accuracy|acc": "accuracy",
    r"f1": "f1",
    r"precision": "precision",
    r"recall": "recall",
    r"log ?loss": "log_loss",
    r"rmse": "rmse",
    r"mae": "mae",
    r"r2|r.?squared": "r2",
}
"""Patterns of measures, to how the tools spell them."""

_COUNTING = "zero one two three four five six seven eight nine ten eleven twelve"
_ORDER = "first second third fourth fifth sixth seventh eighth ninth tenth"
NUMBER_WORDS = {word: amount for amount, word in enumerate(_COUNTING.split(" "))}
ORDINALS = {**{word: place for place, word in enumerate(_ORDER.split(" "))}, "last": -1}

REFUSED = _set(
    """train retrain refit tune optimize optimise plot draw chart histogram scatter visualize visualise graph
    merge join concat append impute rename convert deploy install uninstall sort encode email send write
    translate poem joke weather save store export load import open download undo fix shuffle split cluster
    group grouped filter copy sample subset duplicates related
       accuracy       error errors
     reason  justify wipe reset clear restart cells notebook script function test unit api
    server explainability versus  comparison  head tail preview suppose pretend instead
    double doubled halve halved triple increase increased decrease decreased raise raised lower lowered
    higher drop dropped"""
)
"""Words of what the engine declines or handles apart; never repaired to something else."""
