"""Lead scoring: which lead to call first.

The manifest below is all the platform needs; ``example.py`` makes a small file to try it on.
"""

from __future__ import annotations

from headway import portfolio
from headway.solutions.sales.lead_scoring.example import (
    PLANTED_LEAK,
    Leads,
    break_record,
    example_records,
    make_leads,
    write_example,
)

__all__ = ["PLANTED_LEAK", "Leads", "break_record", "example_records", "make_leads", "solution", "write_example"]

solution = portfolio.Solution(
    id="sales.lead-scoring",
    title="Lead scoring",
    department="sales",
    purpose="Rank open leads by how likely each is to buy, so that sales people call the best ones first.",
    contract=portfolio.ContractExpectations(min_rows=200, min_per_class=20),
    features=portfolio.FeatureRules(
        never={
            "gender": "protected: who a lead is may not decide who is called",
            "sex": "protected: who a lead is may not decide who is called",
            "ethnicity": "protected: special category of personal data (GDPR Art. 9)",
            "race": "protected: special category of personal data (GDPR Art. 9)",
            "religion": "protected: special category of personal data (GDPR Art. 9)",
            "disability": "protected: special category of personal data (GDPR Art. 9)",
            "health": "protected: special category of personal data (GDPR Art. 9)",
        }
    ),
    training=portfolio.TrainingDefaults(seed=20260101),
    decision=portfolio.DecisionRules(
        bands=(
            portfolio.Band(name="A", action="call first", share=0.1),
            portfolio.Band(name="B", action="call", share=0.3),
            portfolio.Band(name="C", action="nurture", share=0.6),
        ),
        default_action="call",
        holdout_share=0.1,
        subject="lead_id",
        unit="lead",
        success="sale",
    ),
    # A person decides whom to call; the score orders a list and closes no door. Ranking natural persons by likely
    # behaviour is profiling (GDPR Art. 4(4)), but sales ranking is no case of Annex III of the AI Act.
    risk={
        "roles": ("deployer", "provider"),
        "jurisdictions": ("EU",),
        "departments": ("sales",),
        "annex_iii": (),
        "annex_i": False,
        "prohibited_hits": (),
        "gpai_component": False,
        "generates_content": False,
        "interacts_with_people": False,
        "emotion_or_biometric_categorisation": False,
        "deepfake": False,
        "public_interest_text": False,
        "profiling": True,
        "personal_data": True,
        "special_category_data": False,
        "solely_automated": False,
        "significant_effect": False,
        "consequential_domain": (),
        "workplace_use": False,
        "public_body_or_service": False,
        "quantitative_model": True,
        "vendor_supplied": False,
        "materiality": "low",
    },
    indicators=(
        portfolio.Indicator(
            id="conversion-rate",
            title="Leads that buy",
            unit="share",
            formula="outcomes with success / decisions with an outcome, by arm",
        ),
        portfolio.Indicator(
            id="sales-per-call",
            title="Sales for each call made",
            unit="sales per call",
            formula="outcomes with success / decisions whose action was a call, by arm",
        ),
        portfolio.Indicator(
            id="days-to-first-call",
            title="Days until a lead is called",
            unit="days",
            formula="median of first contact time - decision time, by band",
            higher_is_better=False,
        ),
    ),
    learning=(
        portfolio.LearningPath(
            role="employee",
            title="Working with ranked leads",
            topics=(
                "What the bands mean and what they do not",
                "Reading the reasons of a score",
                "Why some leads carry no score (the control group)",
                "Recording the outcome, and how to object to a score",
            ),
        ),
        portfolio.LearningPath(
            role="department_head",
            title="Owning a lead-scoring use case",
            topics=("The report and its intervals", "What a hold-out measures", "When to stop or retrain"),
        ),
    ),
)
