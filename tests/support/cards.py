"""Model cards written by hand, for tests that need no trained model."""

from forest_serving.card import Card, Category, Feature


def card(name="iris", features=None, classes=None, **others):
    """Return a card: by default that of Iris, as training makes it."""
    features = FEATURES if features is None else features
    classes = CLASSES if classes is None else classes
    facts = {"engine": "decision_table", "engine_sha256": "0" * 64, "forest": f"{name}_forest:v1", "proof": "none"}
    example = tuple((*feature.categories, *feature.deciles)[0] for feature in features)
    return Card(name=name, features=features, classes=classes, **(facts | {"example": example} | others))


def feature(name, column="", unit="", low=0.0, high=10.0):
    """Return a feature whose training data were spread evenly."""
    deciles = tuple(low + (high - low) * step / 10 for step in range(11))
    return Feature(name=name, spellings=(column,) if column else (), unit=unit, deciles=deciles)


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
