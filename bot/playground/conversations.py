"""What the workspace holds at the moment: people, conversations and what was said in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.playground.messages import Message
from bot.playground.workspace import Channel, User, Workspace

Kind = Literal["public", "private", "im", "mpim"]

READ_SCOPE: Mapping[Kind, str] = {
    "public": "channels:read",
    "private": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
}
HISTORY_SCOPE: Mapping[Kind, str] = {
    "public": "channels:history",
    "private": "groups:history",
    "im": "im:history",
    "mpim": "mpim:history",
}
OPEN_SCOPE: Mapping[Kind, str] = {"im": "im:write", "mpim": "mpim:write"}


@dataclass(slots=True)
class Conversation:
    """A channel or a direct message, with what was said in it, oldest first."""

    id: str
    name: str
    kind: Kind
    members: set[str]
    created: int
    is_archived: bool = False
    messages: list[Message] = field(default_factory=list)
    ephemerals: list[Message] = field(default_factory=list)

    @property
    def is_direct(self) -> bool:
        return self.kind in {"im", "mpim"}

    def find(self, ts: str) -> Message | None:
        return next((message for message in self.messages if message.ts == ts), None)

    def as_slack(self, bot_user_id: str) -> dict[str, Any]:
        """The conversation as ``conversations.info`` gives it."""
        given: dict[str, Any] = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_channel": self.kind == "public",
            "is_group": self.kind == "private",
            "is_im": self.kind == "im",
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "public",
        }
        if self.kind == "im":
            return given | {"user": next(iter(self.members - {bot_user_id}), bot_user_id), "is_open": True}
        return given | {
            "name": self.name,
            "name_normalized": self.name,
            "is_member": bot_user_id in self.members,
            "num_members": len(self.members),
        }


class Conversations:
    """The workspace's present state. Touched from the emulator's own thread alone."""

    def __init__(self, workspace: Workspace, clock: Callable[[], float]) -> None:
        self.workspace = workspace
        self.clock = clock
        self.users: dict[str, User] = {user.id: user for user in workspace.all_users()}
        self.by_id: dict[str, Conversation] = {}
        self._last_ts = 0
        for channel in workspace.channels:
            self.add_channel(channel)

    def add_channel(self, channel: Channel) -> None:
        """A new channel, or the channel's new state; what was said in it stays."""
        known = self.by_id.get(channel.id)
        self.by_id[channel.id] = Conversation(
            id=channel.id,
            name=channel.name,
            kind="private" if channel.is_private else "public",
            members=set(channel.members),
            created=int(self.clock()),
            is_archived=channel.is_archived,
            messages=known.messages if known else [],
            ephemerals=known.ephemerals if known else [],
        )

    def change_user(self, user_id: str, changes: Mapping[str, Any]) -> None:
        self.users[user_id] = dataclasses.replace(self.users[user_id], **changes)

    def next_ts(self) -> str:
        """A timestamp in seconds with six decimals, later than every one before it."""
        self._last_ts = max(int(self.clock() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def direct(self, user_ids: frozenset[str]) -> Conversation | None:
        """The direct conversation of the bot with these users, if it was opened."""
        members = user_ids | {self.workspace.bot_user_id}
        return next((each for each in self.by_id.values() if each.is_direct and each.members == members), None)

    def open_with(self, user_ids: frozenset[str]) -> tuple[Conversation, bool]:
        """The direct conversation of the bot with these users, and whether it had been open already."""
        if known := self.direct(user_ids):
            return known, True
        kind: Kind = "im" if len(user_ids) == 1 else "mpim"
        names = [self.users[user_id].name for user_id in sorted(user_ids)]
        opened = Conversation(
            id=f"{'D' if kind == 'im' else 'G'}0{len(self.by_id) + 1:08d}",
            name="" if kind == "im" else f"mpdm-{'--'.join(names)}-1",
            kind=kind,
            members={*user_ids, self.workspace.bot_user_id},
            created=int(self.clock()),
        )
        self.by_id[opened.id] = opened
        return opened, False

    def named(self, name: str) -> Conversation | None:
        return next((each for each in self.by_id.values() if each.name == name and each.kind != "im"), None)

    def of_user(self, user_id: str) -> Iterator[Conversation]:
        return (each for each in self.by_id.values() if user_id in each.members)

    def say(self, message: Message) -> Message:
        conversation = self.by_id[message.channel_id]
        (conversation.ephemerals if message.ephemeral_to else conversation.messages).append(message)
        return message

    def replace(self, old: Message, new: Message) -> None:
        said = self._where(old)
        said[said.index(old)] = new

    def delete(self, message: Message) -> None:
        self._where(message).remove(message)

    def current(self, message: Message) -> Message | None:
        """The message as it stands now, or None if it was deleted."""
        return next((each for each in self._where(message) if each.ts == message.ts), None)

    def _where(self, message: Message) -> list[Message]:
        conversation = self.by_id[message.channel_id]
        return conversation.ephemerals if message.ephemeral_to else conversation.messages
