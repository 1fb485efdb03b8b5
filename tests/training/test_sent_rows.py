"""What a client sends, as the scikit-learn model takes it."""

from sklearn.ensemble import RandomForestClassifier

from forest_serving.card import Card
from forest_serving.training.given_sample import given_sample
from forest_serving.training.sent_rows import frame_of
from tests.support.churn import churned, customers, pipeline

TABLE = customers()
MODEL = pipeline(RandomForestClassifier(2, random_state=0)).fit(TABLE, churned(TABLE))
SAMPLE = given_sample(MODEL, TABLE, None, (), None)
FACTS = {"engine": "forest", "engine_sha256": "", "forest": "", "proof": ""}
CARD = Card(name="churn", features=SAMPLE.features, example=SAMPLE.example(), **FACTS)


def test_rows_are_the_table_that_the_model_was_fitted_to():
    rows = TABLE.drop(columns="customer").astype(object).where(TABLE.notna(), None).to_numpy().tolist()
    frame = frame_of(MODEL, CARD, rows)
    assert MODEL.predict_proba(frame).tobytes() == MODEL.predict_proba(TABLE).tobytes()


def test_a_category_that_is_not_listed_is_none_of_the_others():
    frame = frame_of(MODEL, CARD, [[30, "a week", 9.5, 1, 2]])
    assert frame["contract"][0] not in CARD.features[1].categories
    assert frame["paperless"][0] not in (True, False)
