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
    total first last new number total compare accuracy learn"""
)
"""Words of the readings. They are what typing errors are repaired to, and never taken for a misspelt name."""

GENERIC = _set(
    """model models clf classifier reg regressor est estimator pipe pipeline baseline final best new old df
    data frame dataframe test train val valid hold x y fit fitted my the"""
)
"""Parts of names that single out nothing: "the model" isn't a way to say `churn_model`."""

EVERYDAY: dict[str, tuple[str, ...]] = {
    "RandomForest": ("rf", "forest"),
    "ExtraTrees": ("extra trees",),
    "GradientBoosting": ("gbm", "boosted trees", "gradient boosting"),
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
    "LinearRegression": ("linear model", "ols"),
    "Ridge": ("linear model",),
    "Lasso": ("linear model",),
    "MLP": ("neural network", "neural net"),
    "GaussianNB": ("naive bayes",),
    "MultinomialNB": ("naive bayes",),
    "KMeans": ("k means",),
}
"""Beginning of a class name to what people say; the class name's own words are added by `names`."""

_COUNTING = "zero one two three four five six seven eight nine ten eleven twelve"
_ORDER = "first second third fourth fifth sixth seventh eighth ninth tenth"
NUMBER_WORDS = {word: amount for amount, word in enumerate(_COUNTING.split(" "))}
ORDINALS = {**{word: place for place, word in enumerate(_ORDER.split(" "))}, "last": -1}

REFUSED = _set(
    """train retrain refit tune optimize optimise plot draw chart histogram scatter visualize visualise graph
    merge join concat append impute rename convert deploy install uninstall sort encode email send write
    translate poem joke weather save store export load import open download undo fix shuffle split cluster
    group grouped filter copy sample subset duplicates correlation correlations correlate correlates related
    confusion matrix evaluate accuracy precision recall rmse r2 auc roc error errors mistakes explain
    explanation reason reasons justify wipe reset clear restart cells notebook script function test unit api
    server explainability versus compare comparison compares head tail preview suppose pretend instead
    double doubled halve halved triple increase increased decrease decreased raise raised lower lowered
    higher drop dropped"""
)
"""Words of what the engine declines or handles apart; never repaired to something else."""
