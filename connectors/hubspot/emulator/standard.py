"""The properties that every HubSpot account comes with, as far as sales need them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_ACTIVITY = {"string": "hs_body_preview hs_attachment_ids", "datetime": "hs_timestamp"}
_ANALYTICS = "hs_analytics_source hs_analytics_latest_source hs_latest_source"
_ANALYTICS_DATA = (
    "hs_analytics_source_data_1 hs_analytics_source_data_2 hs_latest_source_data_1 hs_latest_source_data_2 "
    "hs_analytics_first_touch_converting_campaign hs_analytics_last_touch_converting_campaign"
)
_BILLING = {
    "enumeration": "recurringbillingfrequency hs_recurring_billing_terms hs_billing_start_delay_type",
    "string": "hs_recurring_billing_period",
    "date": "hs_recurring_billing_start_date hs_recurring_billing_end_date",
    "number": "hs_recurring_billing_number_of_payments hs_term_in_months",
}
_RECURRING = "hs_acv hs_arr hs_mrr hs_tcv"
_LIFECYCLE_LABELS = {
    "subscriber": "Subscriber",
    "lead": "Lead",
    "marketingqualifiedlead": "Marketing Qualified Lead",
    "salesqualifiedlead": "Sales Qualified Lead",
    "opportunity": "Opportunity",
    "customer": "Customer",
    "evangelist": "Evangelist",
    "other": "Other",
}
_LIFECYCLE = " ".join(f"hs_lifecyclestage_{stage}_date" for stage in _LIFECYCLE_LABELS)

_EVERYWHERE = {
    "number": "hs_object_id hs_created_by_user_id hs_updated_by_user_id",
    "datetime": "hs_createdate hubspot_owner_assigneddate",
    "string": "hs_merged_object_ids hs_object_source_label hs_object_source hs_unique_creation_key",
    "enumeration": "hubspot_owner_id hubspot_team_id hs_all_owner_ids",
    "bool": "hs_was_imported",
}

# Names by object and type. Where the names depend on the stages of a pipeline, they are added with it.
_NAMES: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "contacts": (
        {
            "string": "email firstname lastname company jobtitle phone mobilephone country state city zip address "
            f"website hs_calculated_merged_vids {_ANALYTICS_DATA}",
            "enumeration": f"lifecyclestage hs_lead_status {_ANALYTICS} hs_sa_first_engagement_object_type",
            "datetime": f"createdate lastmodifieddate {_LIFECYCLE} hs_v2_date_entered_current_stage "
            "hs_analytics_first_timestamp hs_latest_source_timestamp first_conversion_date recent_conversion_date "
            "hs_first_outreach_date hs_sa_first_engagement_date notes_last_contacted first_deal_created_date closedate",
            "number": "associatedcompanyid num_associated_deals hs_time_to_first_engagement num_conversion_events",
        },
    ),
    "companies": (
        {
            "string": f"name domain country hs_country_code state city zip address website phone description "
            f"{_ANALYTICS_DATA}",
            "enumeration": f"industry type lifecyclestage hs_lead_status {_ANALYTICS}",
            "datetime": f"createdate {_LIFECYCLE} hs_v2_date_entered_current_stage first_deal_created_date closedate "
            "notes_last_contacted",
            "number": "numberofemployees annualrevenue num_associated_contacts num_associated_deals total_revenue "
            "hs_total_deal_value hs_num_open_deals hs_parent_company_id",
        },
    ),
    "deals": (
        {
            "string": f"dealname description closed_lost_reason closed_won_reason hs_next_step {_ANALYTICS_DATA}",
            "enumeration": f"pipeline dealstage dealtype deal_currency_code hs_manual_forecast_category hs_campaign "
            f"hs_priority {_ANALYTICS}",
            "number": "amount amount_in_home_currency hs_deal_stage_probability hs_projected_amount "
            "hs_projected_amount_in_home_currency hs_forecast_amount hs_forecast_probability hs_exchange_rate "
            f"num_associated_contacts hs_primary_associated_company days_to_close {_RECURRING}",
            "datetime": "createdate closedate hs_closed_won_date hs_v2_date_entered_current_stage notes_last_contacted",
            "bool": "hs_is_closed hs_is_closed_won hs_is_closed_lost",
        },
    ),
    "tickets": (
        {
            "string": "subject content",
            "enumeration": "hs_pipeline hs_pipeline_stage hs_ticket_priority",
            "datetime": "createdate closed_date hs_v2_date_entered_current_stage",
        },
    ),
    "leads": (
        {
            "string": "hs_lead_name hs_associated_contact_email hs_associated_contact_firstname "
            "hs_associated_contact_lastname hs_associated_company_name",
            "enumeration": "hs_lead_type hs_lead_label hs_pipeline hs_pipeline_stage hs_lead_source "
            "hs_contact_analytics_source hs_lead_disqualification_reason",
            "datetime": "hs_v2_date_entered_current_stage hs_first_outreach_date",
            "number": "hs_primary_contact_id hs_primary_company_id hs_lead_response_time",
            "bool": "hs_lead_is_qualified hs_lead_is_disqualified hs_lead_is_open",
        },
    ),
    "calls": (
        _ACTIVITY,
        {
            "string": "hs_call_title hs_call_body hs_call_from_number hs_call_to_number hs_call_recording_url "
            "hs_call_callee_object_id hs_call_callee_object_type_id",
            "enumeration": "hs_call_direction hs_call_status hs_call_disposition hs_call_source hs_activity_type",
            "number": "hs_call_duration",
            "bool": "hs_call_has_voicemail",
        },
    ),
    "emails": (
        _ACTIVITY,
        {
            "string": "hs_email_subject hs_email_text hs_email_html hs_email_thread_id hs_email_message_id "
            "hs_email_tracker_key hs_email_from_email hs_email_to_email hs_email_headers",
            "enumeration": "hs_email_direction hs_email_status hs_email_sent_via",
            "number": "hs_email_open_count hs_email_click_count hs_email_reply_count hs_sequence_id",
        },
    ),
    "meetings": (
        _ACTIVITY,
        {
            "string": "hs_meeting_title hs_meeting_body hs_internal_meeting_notes hs_meeting_location "
            "hs_meeting_external_url",
            "enumeration": "hs_meeting_outcome hs_meeting_source hs_activity_type",
            "datetime": "hs_meeting_start_time hs_meeting_end_time",
        },
    ),
    "communications": (
        _ACTIVITY,
        {
            "string": "hs_communication_body",
            "enumeration": "hs_communication_channel_type hs_communication_logged_from",
        },
    ),
    "notes": (_ACTIVITY, {"string": "hs_note_body"}),
    "tasks": (
        _ACTIVITY,
        {
            "string": "hs_task_subject hs_task_body",
            "enumeration": "hs_task_status hs_task_type hs_task_priority hs_activity_type",
            "datetime": "hs_task_completion_date",
            "number": "hs_task_is_completed",
        },
    ),
    "quotes": (
        {
            "string": "hs_title hs_quote_number hs_quote_link",
            "enumeration": "hs_status hs_quote_status hs_currency hs_quote_esign_status hs_payment_status "
            "hs_latest_approval_status",
            "number": "hs_quote_amount hs_esign_num_signers_required hs_esign_num_signers_completed "
            "hs_associated_deal_owner_id hs_quote_owner_id",
            "datetime": "hs_expiration_date hs_published_date hs_esign_date hs_payment_date hs_last_approved_date",
            "bool": "hs_esign_enabled hs_manually_signed hs_payment_enabled",
        },
    ),
    "products": (
        _BILLING,
        {
            "string": "name hs_sku description hs_folder",
            "enumeration": "hs_product_type hs_status",
            "number": "price hs_cost_of_goods_sold hs_folder_id",
            "datetime": "createdate",
        },
    ),
    "line_items": (
        _BILLING,
        {
            "string": "name hs_sku description",
            "enumeration": "hs_line_item_currency_code hs_product_type",
            "number": "hs_product_id quantity price amount discount hs_discount_percentage hs_total_discount "
            "hs_pre_discount_amount hs_cost_of_goods_sold hs_margin hs_margin_acv hs_margin_arr hs_margin_mrr "
            f"hs_margin_tcv hs_position_on_quote {_RECURRING}",
            "date": "hs_billing_period_start_date hs_billing_period_end_date",
            "datetime": "createdate",
        },
    ),
    "subscriptions": (
        {
            "string": "hs_name",
            "enumeration": "hs_status hs_currency_code hs_recurring_billing_frequency hs_invoice_creation "
            "hs_collection_process",
            "number": "hs_last_payment_amount hs_next_payment_amount hs_mrr hs_arr hs_recurring_billing_total",
            "date": "hs_recurring_billing_start_date hs_recurring_billing_end_date hs_next_payment_due_date",
            "datetime": "hs_cancelled_at hs_canceled_date",
        },
    ),
    "goal_targets": (
        {
            "string": "hs_goal_name hs_group_correlation_uuid hs_goal_target_group_id hs_pipeline_ids "
            "hs_kpi_property_name hs_kpi_object_type_id hs_kpi_filter_groups hs_kpi_time_period_property "
            "hs_template_id",
            "enumeration": "hs_goal_type hs_milestone hs_assignee_team_id hs_goal_target_currency_code "
            "hs_kpi_metric_type hs_kpi_unit_type hs_kpi_tracking_method",
            "number": "hs_target_amount hs_assignee_user_id hs_kpi_value hs_fiscal_year_offset",
            "datetime": "hs_start_datetime hs_end_datetime",
            "bool": "hs_kpi_is_team_rollup hs_is_forecastable",
        },
    ),
    "users": (
        {
            "string": "hs_email hs_given_name hs_family_name hs_job_title hs_standard_time_zone hs_working_hours "
            "hs_out_of_office_hours",
            "enumeration": "hs_availability_status",
            "number": "hs_internal_user_id",
            "bool": "hs_deactivated",
        },
    ),
}

_SOURCES = {
    "ORGANIC_SEARCH": "Organic Search",
    "PAID_SEARCH": "Paid Search",
    "EMAIL_MARKETING": "Email Marketing",
    "SOCIAL_MEDIA": "Organic Social",
    "REFERRALS": "Referrals",
    "OTHER_CAMPAIGNS": "Other Campaigns",
    "DIRECT_TRAFFIC": "Direct Traffic",
    "OFFLINE": "Offline Sources",
    "PAID_SOCIAL": "Paid Social",
    "AI_REFERRALS": "AI Referrals",
}
_OPTIONS: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(_ANALYTICS.split(), _SOURCES),
    "hs_lead_source": _SOURCES,
    "hs_contact_analytics_source": _SOURCES,
    "lifecyclestage": _LIFECYCLE_LABELS,
    "hs_lead_status": {
        "NEW": "New",
        "OPEN": "Open",
        "IN_PROGRESS": "In Progress",
        "OPEN_DEAL": "Open Deal",
        "UNQUALIFIED": "Unqualified",
        "ATTEMPTED_TO_CONTACT": "Attempted to Contact",
        "CONNECTED": "Connected",
        "BAD_TIMING": "Bad Timing",
    },
    "dealtype": {"newbusiness": "New Business", "existingbusiness": "Existing Business"},
    "industry": {
        "ACCOUNTING": "Accounting",
        "BANKING": "Banking",
        "COMPUTER_SOFTWARE": "Computer Software",
        "CONSTRUCTION": "Construction",
        "HOSPITAL_HEALTH_CARE": "Hospital & Health Care",
        "INFORMATION_TECHNOLOGY_AND_SERVICES": "Information Technology and Services",
        "INTERNET": "Internet",
        "LOGISTICS_AND_SUPPLY_CHAIN": "Logistics and Supply Chain",
        "MANAGEMENT_CONSULTING": "Management Consulting",
        "RETAIL": "Retail",
        "TELECOMMUNICATIONS": "Telecommunications",
    },
    "hs_call_disposition": {
        "9d9162e7-6cf3-4944-bf63-4dff82258764": "Busy",
        "f240bbac-87c9-4f6e-bf70-924b57d47db7": "Connected",
        "a4c4c377-d246-4b32-a13b-75a56a4cd0ff": "Left live message",
        "b2cf5968-551e-4856-9783-52b3da59a7d0": "Left voicemail",
        "73a0d17f-1163-4015-bdd5-ec830791da20": "No answer",
        "17b47fee-58de-441e-a44c-c6300d46f273": "Wrong number",
    },
    "hs_meeting_outcome": {
        "SCHEDULED": "Scheduled",
        "COMPLETED": "Completed",
        "RESCHEDULED": "Rescheduled",
        "NO_SHOW": "No show",
        "CANCELED": "Canceled",
    },
    "hs_lead_type": {"NEW_BUSINESS": "New business", "RE_ATTEMPTING": "Re-attempting", "UPSELL": "Upsell"},
    "hs_lead_label": {"HOT": "Hot", "WARM": "Warm", "COLD": "Cold"},
}


def standard_properties(object_name: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Name, type and options (value to label) of each."""
    modified = {} if object_name == "contacts" else {"datetime": "hs_lastmodifieddate"}
    for by_type in (_EVERYWHERE, modified, *_NAMES[object_name]):
        for type_, names in by_type.items():
            for name in names.split():
                yield name, type_, _OPTIONS.get(name, {}) if type_ == "enumeration" else {}
