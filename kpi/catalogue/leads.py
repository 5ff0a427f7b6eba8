"""Where business comes from: new leads and opportunities, leads that marketing qualified, and what a lead costs."""

from kpi.formulas import Ratio, Total
from kpi.model import Better, Cadence, Doubt, Extra, Kpi, Measure, ScopeType, Unit, Variant

LEADS = Measure("lead_funnel", "count(*)", dated_by="created_at")
MARKETING_QUALIFIED = Measure("lead_funnel", "count(*)", dated_by="mql_at")

NEWLEADS = Kpi(
    id="newleads",
    name="New leads",
    what="Leads created in the period.",
    formula="number of leads created",
    measures={"leads": LEADS},
    value=Total("leads", records="leads"),
    unit=Unit.COUNT,
    better=Better.UP,
    cadence=Cadence.WEEKLY,
    dimensions=("rep", "team", "source", "campaign"),
    needs=("leads",),
    names={
        "en": (),
        "zh": ("新增线索",),
        "ja": ("新規リード数",),
        "ru": ("новые лиды",),
        "vi": ("khách tiềm năng mới",),
    },
    source="CaptivateIQ, sales KPIs (new leads)",
)


def _created(expression: str, *, in_own_currency: bool = False) -> Measure:
    return Measure("created_deals", expression, dated_by="created_at", in_own_currency=in_own_currency)


NEWOPPS = Kpi(
    id="newopps",
    name="New opportunities",
    what="Deals created in the period, whatever became of them, with their amount in the company's currency: that of "
    "closed deals at the rate of their closing day, that of all others at today's.",
    formula="number of deals created",
    measures={
        "deals": _created("count(*)"),
        "amount": _created("sum(amount)", in_own_currency=True),
        "with_amount": _created("count(amount)"),
    },
    value=Total("deals", records="deals"),
    unit=Unit.COUNT,
    better=Better.UP,
    cadence=Cadence.WEEKLY,
    dimensions=("rep", "team", "pipeline", "source"),
    needs=("deals",),
    names={
        "en": (),
        "zh": ("新增商机",),
        "ja": ("新規商談数",),
        "ru": ("новые сделки",),
        "vi": ("cơ hội mới",),
    },
    source="HubSpot, sales metrics (new opportunities added to the pipeline)",
    extras={"amount": Extra(Total("amount", records="with_amount"), Unit.MONEY)},
    line_extras=("amount",),
    doubts=(
        Doubt(
            _created("count(*) filter (where not has_amount)"),
            one="1 new deal has no amount and is left out of the amount",
            text="{n} new deals have no amount and are left out of the amount",
        ),
        Doubt(
            _created("count(*) filter (where is_unrated)"),
            one="1 new deal was closed on a day without an exchange rate for {key} and is left out of the amount",
            text="{n} new deals were closed on days without an exchange rate for {key} and are left out of the amount",
            by="currency",
        ),
        Doubt(
            _created("count(amount)"),
            one="1 new deal has no exchange rate for {key} today and is left out of the amount",
            text="{n} new deals have no exchange rate for {key} today and are left out of the amount",
            by="currency",
            unrated=True,
        ),
    ),
)

MQLS = Kpi(
    id="mqls",
    name="Marketing-qualified leads",
    what="Leads that became marketing-qualified (MQL) in the period.",
    formula="number of leads marketing-qualified",
    measures={"mqls": MARKETING_QUALIFIED},
    value=Total("mqls", records="mqls"),
    unit=Unit.COUNT,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("source", "campaign", "rep", "team"),
    needs=("leads", "leads.mql_at"),
    names={
        "en": ("MQL",),
        "zh": ("营销合格线索",),
        "ja": ("MQL数",),
        "ru": ("маркетинговые лиды (MQL)",),
        "vi": ("số MQL",),
    },
    source="HubSpot, lifecycle stages (marketing qualified lead)",
)


def _spent(condition: str) -> Measure:
    return Measure("spend_money", f"sum(value) filter (where {condition})", dated_by="dated_at")


def _unrated(condition: str, one: str, many: str) -> Doubt:
    """Spend that is left out, and its name: for one, and for more."""
    return Doubt(
        Measure("spend_money", f"count(*) filter (where {condition} and value is null)", dated_by="dated_at"),
        one=f"1 {one} has no exchange rate for {{key}} and is left out",
        text=f"{{n}} {many} have no exchange rate for {{key}} and are left out",
        by="currency",
    )


CPL = Kpi(
    id="cpl",
    name="Cost per lead",
    what="What the campaigns of the period cost for each lead that was created in it, whether by a campaign or not.",
    formula="spend that belongs to a campaign / leads created",
    measures={
        "campaign_spend": _spent("campaign is not null"),
        "marketing_spend": _spent("category = 'marketing'"),
        "leads": LEADS,
    },
    value=Ratio("campaign_spend", "leads", records="leads"),
    unit=Unit.MONEY,
    better=Better.DOWN,
    cadence=Cadence.MONTHLY,
    dimensions=("campaign", "channel"),
    needs=("spend", "spend.campaign_id", "leads"),
    names={
        "en": ("CPL",),
        "zh": ("每条线索成本",),
        "ja": ("リード獲得単価",),
        "ru": ("стоимость лида",),
        "vi": ("chi phí mỗi khách tiềm năng",),
    },
    source="Hootsuite, definitions (cost per lead)",
    variants=(
        Variant(
            name="full",
            what="What all marketing of the period cost, salaries included, for each lead that was created in it.",
            formula="spend of the category marketing / leads created",
            value=Ratio("marketing_spend", "leads", records="leads"),
            unit=Unit.MONEY,
            needs=("spend", "leads"),
            doubts=(_unrated("category = 'marketing'", "marketing expense", "marketing expenses"),),
        ),
    ),
    doubts=(_unrated("campaign is not null", "campaign expense", "campaign expenses"),),
    scopes=(ScopeType.COMPANY,),
)

KPIS = (NEWLEADS, NEWOPPS, MQLS, CPL)
