"""People, work, files, rules and the system."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.entries.base import Entry, Group

CUSTOMERS = Group(
    "customers",
    pgettext_lazy("navigation", "Customers"),
    (
        Entry(
            pgettext_lazy("navigation", "Customers"),
            "group",
            "customers_customer_changelist",
            "customers.view_customer",
        ),
        Entry(_("How customers buy"), "insights", "crm_patterns", "crm.view_pattern"),
        Entry(_("Segments"), "filter_alt", "crm_segment_changelist", "crm.view_segment"),
        Entry(
            _("Possible duplicates"),
            "people",
            "crm_duplicateproposal_changelist",
            "crm.view_duplicateproposal",
            "duplicates",
        ),
    ),
)
PRIVACY = Group(
    "privacy",
    pgettext_lazy("navigation", "Personal data"),
    (
        Entry(_("Requests of persons"), "contact_page", "privacy_datarequest_changelist", "privacy.view_datarequest"),
        Entry(_("Access log"), "policy", "privacy_access", "privacy.view_access"),
    ),
)
SERVICE = Group(
    "service",
    pgettext_lazy("navigation", "Customer service"),
    (
        Entry(_("Inbox"), "forum", "service_inbox", "service.view_ticket", "unassigned_tickets"),
        Entry(_("Tickets"), "confirmation_number", "service_ticket_changelist", "service.view_ticket"),
        Entry(_("Who gets what"), "assignment_ind", "service_desk", "service.view_agentprofile"),
        Entry(pgettext_lazy("customer", "Reviews"), "reviews", "voice_review_changelist", "voice.view_review"),
        Entry(_("Voice of the customer"), "record_voice_over", "voice_voices", "voice.view_voice"),
        Entry(_("Alerts"), "notifications_active", "voice_alert_changelist", "voice.view_alert", "voice_alerts"),
        Entry(_("Hidden reviews"), "visibility_off", "voice_hiding_changelist", "voice.view_hiding"),
        Entry(
            _("Lawful reasons to hide"),
            "gavel",
            "voice_hidingground_changelist",
            "voice.view_hidingground",
            is_setting=True,
        ),
        Entry(_("Rules that ring"), "rule", "voice_alertrule_changelist", "voice.view_alertrule", is_setting=True),
        Entry(_("Satisfaction"), "sentiment_satisfied", "service_satisfaction", "service.view_survey"),
        Entry(
            pgettext_lazy("knowledge", "Articles"),
            "menu_book",
            "knowledge_article_changelist",
            "knowledge.view_article",
        ),
        Entry(_("Inlets"), "input", "service_inlet_changelist", "service.view_inlet", is_setting=True),
        Entry(_("Live chat"), "chat", "chat_widget_changelist", "chat.view_widget", is_setting=True),
        Entry(pgettext_lazy("customer service", "Macros"), "bolt", "service_macro_changelist", "service.view_macro"),
        Entry(
            pgettext_lazy("customer service", "Files to send along"),
            "attach_file",
            "service_answerfile_changelist",
            "service.view_answerfile",
            is_setting=True,
        ),
        Entry(
            pgettext_lazy("customer service", "Coupons"),
            "redeem",
            "service_coupon_changelist",
            "service.view_coupon",
            is_setting=True,
        ),
        Entry(_("Mails set aside"), "unsubscribe", "service_asidemail_changelist", "service.view_asidemail"),
        Entry(_("Answer policies"), "timer", "service_slapolicy_changelist", "service.view_slapolicy", is_setting=True),
        Entry(
            _("Deadlines of channels"),
            "alarm",
            "service_malldeadline_changelist",
            "service.view_malldeadline",
            is_setting=True,
        ),
        Entry(
            _("Escalation"),
            "campaign",
            "service_escalationstep_changelist",
            "service.view_escalationstep",
            is_setting=True,
        ),
        Entry(
            _("Approval of answers"),
            "approval",
            "service_approvalrule_changelist",
            "service.view_approvalrule",
            is_setting=True,
        ),
        Entry(
            _("Reasons of tickets"),
            "account_tree",
            "service_reasonnode_changelist",
            "service.view_reasonnode",
            is_setting=True,
        ),
        Entry(
            _("Assignment rules"),
            "alt_route",
            "service_assignmentrule_changelist",
            "service.view_assignmentrule",
            is_setting=True,
        ),
        Entry(_("Agents"), "badge", "service_agentprofile_changelist", "service.view_agentprofile", is_setting=True),
        Entry(
            pgettext_lazy("customer service", "Teams"),
            "groups",
            "service_team_changelist",
            "service.view_team",
            is_setting=True,
        ),
    ),
)
WORK = Group(
    "work",
    pgettext_lazy("navigation", "Tasks"),
    (
        Entry(_("My day"), "today", "staff_my_day", "staff.view_task"),
        Entry(_("Board"), "view_kanban", "staff_board", "staff.view_task", "unclaimed_tasks"),
        Entry(pgettext_lazy("navigation", "Tasks"), "task_alt", "staff_task_changelist", "staff.view_task"),
        Entry(_("Task calendar"), "calendar_month", "staff_task_calendar", "staff.view_task"),
        Entry(_("Task groups"), "account_tree", "staff_taskgroup_changelist", "staff.view_taskgroup"),
        Entry(_("Load"), "groups", "staff_load", "staff.view_task_figures"),
        Entry(_("Figures about tasks"), "monitoring", "staff_task_figures", "staff.view_task_figures"),
    ),
)
FILES = Group(
    "data",
    _("Files in and out"),
    (
        Entry(_("Imports"), "upload_file", "core_importbatch_changelist", "core.view_importbatch", "failed_imports"),
        Entry(_("Table imports"), "dataset", "core_tableimport_changelist", "core.view_tableimport"),
        Entry(_("File formats"), "table_chart", "core_importformat_changelist", "core.view_importformat"),
        Entry(pgettext_lazy("navigation", "Jobs"), "progress_activity", "core_job_changelist", "core.view_job"),
    ),
)
WORK_RULES = Group(
    "work_rules",
    _("Rules of work"),
    (
        Entry(_("Task templates"), "checklist", "staff_tasktemplate_changelist", "staff.change_tasktemplate"),
        Entry(_("Recurring tasks"), "event_repeat", "staff_recurringtask_changelist", "staff.view_recurringtask"),
        Entry(_("Creative slots"), "aspect_ratio", "staff_creativeslot_changelist", "staff.view_creativeslot"),
        Entry(_("Leave"), "beach_access", "staff_leave_changelist", "staff.view_leave"),
        Entry(_("Work profiles"), "person_apron", "staff_workprofile_changelist", "staff.view_workprofile"),
        Entry(_("Work calendars"), "edit_calendar", "staff_workcalendar_changelist", "staff.view_workcalendar"),
        Entry(_("Webhooks"), "webhook", "staff_webhook_changelist", "staff.view_webhook"),
    ),
)
LAW = Group(
    "law",
    _("Legal rules"),
    (
        Entry(_("Notice types"), "fact_check", "compliance_noticetype_changelist", "compliance.view_noticetype"),
        Entry(
            _("Certificate kinds"),
            "workspace_premium",
            "compliance_certificatekind_changelist",
            "compliance.view_certificatekind",
        ),
        Entry(
            _("Price claim rules"),
            "percent",
            "compliance_priceclaimrule_changelist",
            "compliance.view_priceclaimrule",
        ),
        Entry(_("Legal terms"), "gavel", "compliance_legalrule_changelist", "compliance.view_legalrule"),
    ),
)
SYSTEM = Group(
    "system",
    _("System"),
    (
        Entry(pgettext_lazy("navigation", "Users"), "badge", "staff_user_changelist", "staff.view_user"),
        Entry(_("Roles"), "shield_person", "auth_group_changelist", "auth.view_group"),
        Entry(_("Events"), "history", "core_eventrecord_changelist", "core.view_eventrecord"),
        Entry(_("Deliveries"), "outbox", "core_delivery_changelist", "core.view_delivery", "failed_deliveries"),
        Entry(_("Background processes"), "monitor_heart", "core_heartbeat_changelist", "core.view_heartbeat"),
    ),
)
