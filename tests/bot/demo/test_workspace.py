"""The made-up company's Slack."""

from bot.demo.staff import STAFF
from bot.demo.workspace import demo_workspace


def test_everybody_of_the_crm_is_in_the_workspace_by_email():
    users = {user.email: user for user in demo_workspace().users}
    for member in STAFF:
        assert users[member.email].real_name == member.name
        assert users[member.email].tz == member.timezone
        assert users[member.email].deleted is not member.active


def test_a_regions_channel_holds_its_reps_their_manager_and_the_bot():
    workspace = demo_workspace()
    members = {channel.name: channel.members for channel in workspace.channels}
    assert {"U0R1", "U0R4", "U0R6", "U0M2", "U0M1", workspace.bot_user_id} <= members["sales-emea"]
    assert not members["sales-emea"] & {"U0R7", "U0R12", "U0R15", "U0GUEST"}


def test_a_guest_and_somebody_without_a_crm_record_are_there_too():
    emails = {member.email for member in STAFF}
    outsiders = [user for user in demo_workspace().users if user.email not in emails]
    assert [user.is_restricted for user in outsiders] == [False, True]


def test_ids_are_unique():
    workspace = demo_workspace()
    ids = [user.id for user in workspace.all_users()] + [channel.id for channel in workspace.channels]
    assert len(ids) == len(set(ids))
