"""What becomes of leads and quotes: how many go on to the next step, and how long a lead takes to be won."""

from kpi.catalogue.leads import LEADS, MARKETING_QUALIFIED
from kpi.catalogue.revenue import DEALS, WON
from kpi.formulas import Ratio
from kpi.model import Better, Cadence, Doubt, Kpi, Measure, Unit, Variant

_WON_LEADS = "leads.won_at|deals.closed_at|deals.close_date"
_MICROSECONDS_A_DAY = 86_400_000_000


def _leads(dated_by: str, condition: str | None = None) -> Measure:
    counted = f"count(*) filter (where {condition})" if condition else "count(*)"
    return Measure("lead_funnel", counted, dated_by=dated_by)


def _cohort(converted: str, leads: str) -> Ratio:
    """How many of the leads have been converted by now."""
    return Ratio(converted, leads, records=leads, counts=True, is_maturing=True)


MQL2SQL = Kpi(
    id="mql2sql",
    name="MQL to SQL",
    what="Of the leads that became marketing-qualified in the period, how many are sales-qualified by now.",
    formula="those sales-qualified by now / leads marketing-qualified",
    measures={
        "mqls": MARKETING_QUALIFIED,
        "converted": _leads("mql_at", "sql_at < $now"),
        "sqls": _leads("sql_at"),
    },
    value=_cohort("converted", "mqls"),
    unit=Unit.PERCENT,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("source", "campaign", "rep", "team"),
    needs=("leads", "leads.mql_at", "leads.sql_at"),
    names={
        "en": (),
        "zh": ("MQL到SQL转化率",),
        "ja": ("MQLからSQLへの転換率", "MQL→SQL転換率"),
        "ru": ("конверсия MQL в SQL",),
        "vi": ("tỷ lệ MQL sang SQL",),
    },
    source="Basedash, sales and marketing metrics (MQL to SQL conversion)",
    variants=(
        Variant(
            name="period",
            what="Leads that became sales-qualified in the period for each that became marketing-qualified in it.",
            formula="leads sales-qualified / leads marketing-qualified",
            value=Ratio("sqls", "mqls", records="mqls"),
            unit=Unit.PERCENT,
            needs=("leads", "leads.mql_at", "leads.sql_at"),
        ),
    ),
)

SQL2WON = Kpi(
    id="sql2won",
    name="SQL to won",
    what="Of the leads that became sales-qualified in the period, how many are won by now.",
    formula="those won by now / leads sales-qualified",
    measures={
        "sqls": _leads("sql_at"),
        "converted": _leads("sql_at", "won_instant < $now"),
        "won_leads": _leads("won_instant"),
    },
    value=_cohort("converted", "sqls"),
    unit=Unit.PERCENT,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("source", "rep", "team"),
    needs=("leads", "leads.sql_at", _WON_LEADS),
    names={
        "en": (),
        "zh": ("SQL成交率",),
        "ja": ("SQL成約率",),
        "ru": ("конверсия SQL в выигранную сделку", "конверсия SQL в сделку"),
        "vi": ("tỷ lệ SQL thành Win",),
    },
    source="Daymark, metrics (lead-to-customer conversion, of SQLs)",
    variants=(
        Variant(
            name="period",
            what="Leads won in the period for each that became sales-qualified in it.",
            formula="leads won / leads sales-qualified",
            value=Ratio("won_leads", "sqls", records="sqls"),
            unit=Unit.PERCENT,
            needs=("leads", "leads.sql_at", _WON_LEADS),
        ),
    ),
)

LEAD2OPP = Kpi(
    id="lead2opp",
    name="Lead to opportunity",
    what="Of the leads created in the period, how many are an opportunity by now.",
    formula="those with an opportunity by now / leads created",
    measures={
        "leads": LEADS,
        "converted": _leads("created_at", "opportunity_instant < $now"),
        "opportunities": _leads("opportunity_instant"),
    },
    value=_cohort("converted", "leads"),
    unit=Unit.PERCENT,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("source", "campaign", "rep", "team"),
    needs=("leads", "leads.opportunity_at|deals"),
    names={
        "en": (),
        "zh": ("线索到商机比率",),
        "ja": ("リード商談化率", "リードの機会比率"),
        "ru": ("конверсия лида в сделку",),
        "vi": ("tỷ lệ tiềm năng thành cơ hội",),
    },
    source="Freshworks, sales metrics (lead to qualified opportunity conversion rate)",
    variants=(
        Variant(
            name="period",
            what="Leads that became an opportunity in the period for each that was created in it.",
            formula="leads that became an opportunity / leads created",
            value=Ratio("opportunities", "leads", records="leads"),
            unit=Unit.PERCENT,
            needs=("leads", "leads.opportunity_at|deals"),
        ),
    ),
)

LEAD2SALE = Kpi(
    id="lead2sale",
    name="Lead to sale",
    what="Deals won in the period, whatever lead they come from, for each lead that was created in it.",
    formula="won deals / leads created",
    measures={"won": WON, "leads": LEADS, "converted": _leads("created_at", "won_instant < $now")},
    value=Ratio("won", "leads", records="leads"),
    unit=Unit.PERCENT,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("source", "campaign", "rep", "team"),
    needs=("leads", *DEALS.needs),
    names={
        "en": ("lead conversion",),
        "zh": ("销售线索转化率",),
        "ja": ("リード成約率",),
        "ru": ("конверсия лида в продажу",),
        "vi": ("tỷ lệ tiềm năng thành đơn hàng",),
    },
    source="Klipfolio, sales KPIs (lead conversion rate)",
    variants=(
        Variant(
            name="cohort",
            what="Of the leads created in the period, how many are won by now.",
            formula="those won by now / leads created",
            value=_cohort("converted", "leads"),
            unit=Unit.PERCENT,
            needs=("leads", _WON_LEADS),
        ),
    ),
    doubts=DEALS.doubts,
)


def _quoted(expression: str) -> Measure:
    return Measure("sent_quotes", expression, dated_by="sent_at")


# A deal and all its quotes belong to one rep: counted by rep, the distinct deals add up.
QUOTETOCLOSE = Kpi(
    id="quotetoclose",
    name="Quote to close",
    what="Deals won in the period, whether quoted in it or not, for each quote that was sent in it.",
    formula="won deals / quotes sent",
    measures={
        "won": WON,
        "quotes": _quoted("count(*)"),
        "quoted": _quoted("count(distinct deal_id)"),
        "converted": _quoted("count(distinct deal_id) filter (where won_instant < $now)"),
    },
    value=Ratio("won", "quotes", records="quotes"),
    unit=Unit.PERCENT,
    better=Better.UP,
    cadence=Cadence.MONTHLY,
    dimensions=("rep", "team"),
    needs=("quotes", *DEALS.needs),
    names={
        "en": (),
        "zh": ("报价成交比率", "报价收盘比率"),
        "ja": ("見積成約率",),
        "ru": ("конверсия КП в сделку", "доля сделок из предложений"),
        "vi": ("tỷ lệ chốt báo giá", "tỷ lệ chốt giao dịch"),
    },
    source="Klipfolio, sales KPIs (quote to close ratio)",
    variants=(
        Variant(
            name="cohort",
            what="Of the deals with a quote sent in the period, how many are won by now.",
            formula="those won by now / deals with a quote sent",
            value=_cohort("converted", "quoted"),
            unit=Unit.PERCENT,
            needs=("quotes", *DEALS.needs),
            doubts=(
                *DEALS.doubts,
                Doubt(
                    _quoted("count(*) filter (where deal_id is null)"),
                    one="1 quote belongs to no known deal and is left out",
                    text="{n} quotes belong to no known deal and are left out",
                ),
            ),
        ),
    ),
    doubts=DEALS.doubts,
)


CONVERSIONTIME = Kpi(
    id="conversiontime",
    name="Average conversion time",
    what="How long it took the leads won in the period from their creation to the win, on average.",
    formula="sum of the days from created to won / leads won",
    measures={
        "time": Measure(
            "lead_funnel",
            "sum(created_to_won_us) filter (where created_to_won_us >= 0)",
            dated_by="won_instant",
        ),
        "timed": _leads("won_instant", "created_to_won_us >= 0"),
        "time_from_contact": Measure(
            "lead_funnel",
            "sum(contact_to_won_us) filter (where contact_to_won_us >= 0)",
            dated_by="won_instant",
        ),
        "timed_from_contact": _leads("won_instant", "contact_to_won_us >= 0"),
    },
    value=Ratio("time", "timed", records="timed", per=_MICROSECONDS_A_DAY),
    unit=Unit.DAYS,
    better=Better.DOWN,
    cadence=Cadence.MONTHLY,
    dimensions=("rep", "team", "source"),
    needs=("leads", _WON_LEADS),
    names={
        "en": (),
        "zh": ("平均转化时间",),
        "ja": ("平均転換日数", "平均転換時間"),
        "ru": ("среднее время конверсии",),
        "vi": ("thời gian chuyển đổi trung bình",),
    },
    source="ChartMogul, metrics (average time from a lead's creation to its first payment)",
    variants=(
        Variant(
            name="contact",
            what="How long it took the leads won in the period from the first call, email or chat with them to the "
            "win, on average.",
            formula="sum of the days from the first outbound contact by anyone to won / leads won that had one",
            value=Ratio(
                "time_from_contact", "timed_from_contact", records="timed_from_contact", per=_MICROSECONDS_A_DAY
            ),
            unit=Unit.DAYS,
            needs=("leads", _WON_LEADS, "activities"),
            doubts=(
                Doubt(
                    _leads("won_instant", "first_contact_at is null"),
                    one="1 lead was won without a contact and is left out",
                    text="{n} leads were won without a contact and are left out",
                ),
                Doubt(
                    _leads("won_instant", "contact_to_won_us < 0"),
                    one="1 lead was won before its first contact and is left out",
                    text="{n} leads were won before their first contact and are left out",
                ),
            ),
        ),
    ),
    doubts=(
        Doubt(
            _leads("won_instant", "created_to_won_us < 0"),
            one="1 lead was won before it was created and gives no time from its creation",
            text="{n} leads were won before they were created and give no time from their creation",
        ),
    ),
)

KPIS = (MQL2SQL, SQL2WON, LEAD2OPP, LEAD2SALE, QUOTETOCLOSE, CONVERSIONTIME)
