"""Model cards written by hand, for tests that need no trained model."""

from forest_serving.card import HIGHEST, LARGEST, Card, Category, Feature


def card(name="iris", features=None, classes=None, **others):
    """Return a card: by default that of Iris, as training makes it."""
    features = FEATURES if features is None else features
    classes = CLASSES if classes is None else classes
    facts = {"engine": "decision_table", "engine_sha256": "0" * 64, "forest": f"{name}_forest:v1", "proof": "none"}
    example = tuple((feature.deciles or feature.categories)[0] for feature in features)
    return Card(name=name, features=features, classes=classes, **(facts | {"example": example} | others))


def feature(name, column="", unit="", low=0.0, high=10.0, **others):
    """Return a feature whose training data were spread evenly: any number that float32 holds."""
    deciles = tuple(low + (high - low) * step / 10 for step in range(11))
    facts = {"spellings": (column,) if column else (), "unit": unit, "deciles": deciles}
    return Feature(name=name, **(facts | {"lowest": -HIGHEST, "highest": HIGHEST} | others))


def categories(name, *labels, column="", **others):
    """Return a feature that holds categories."""
    return Feature(name=name, spellings=(column,) if column else (), categories=labels, **others)


FEATURES = (
    feature("sepal_length", "sepal length (cm)", "cm", 4.3, 7.9),
    feature("sepal_width", "sepal width (cm)", "cm", 2.0, 4.4),
    feature("petal_length", "petal length (cm)", "cm", 1.0, 6.9),
    feature("petal_width", "petal width (cm)", "cm", 0.1, 2.5),
)
NAMES = [feature.name for feature in FEATURES]
COLUMNS = [feature.column for feature in FEATURES]
CLASSES = tuple(Category(label=label, name=name) for label, name in enumerate(("setosa", "versicolor", "virginica")))
YES_NO = (Category(label="no", name="no"), Category(label="yes, soon", name="yes, soon"))

# Numbers, one of which has bounds of its own and one may be missing; text, whole numbers and booleans as categories.
MIXED = (
    feature("tenure", "Tenure", "months", 0.0, 72.0, lowest=-1.0, highest=LARGEST),
    feature("charges", "Monthly charges", "", 18.0, 120.0, takes_missing=True),
    categories("plan", "basic", "premium", "pro, yearly", column="Plan type"),
    categories("region", 3, 7, 12, takes_missing=True, takes_unknown=True),
    categories("paperless", False, True),
)
CHURN = card("churn", MIXED, YES_NO, example=(12.0, 70.5, "premium", 7, True))
