"""Who buys: new customers."""

from kpi.formulas import Total
from kpi.model import Better, Cadence, Kpi, Measure, Unit

NEWCUSTOMERS = Kpi(
    id="newcustomers",
    name="New customers",
    what="Accounts that became customers in the period: by their customer date, else by the earlier of their first won "
    "deal and first subscription.",
    formula="number of accounts whose customer relationship begins in the period",
    measures={"new": Measure("customer_intervals", "count(*)", dated_by="since")},
    value=Total("new", records="new"),
    unit=Unit.COUNT,
    better=Better.UP,
    cadence=Cadence.QUARTERLY,
    dimensions=("segment", "rep", "team", "region", "industry"),
    needs=("accounts", "accounts.customer_since|deals|subscriptions"),
    names={
        "en": (),
        "zh": ("新增客户数",),
        "ja": ("新規顧客数",),
        "ru": ("новые клиенты",),
        "vi": ("số khách hàng mới",),
    },
    source="Zendesk, sales metrics (new customers)",
)
