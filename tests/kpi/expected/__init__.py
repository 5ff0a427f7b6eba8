"""The KPIs, computed a second time: slowly and plainly, in DataFrames, from the words of their definitions.

Nothing here comes from the code under test but its plain data. Each module has ``KPIS`` (name and variant, to a function
of the company's frames and the question) and ``NEEDS`` (name and variant, to the inputs without which it has no value).
"""
